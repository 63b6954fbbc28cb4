using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// The files of a server: SFTP version 3 with OpenSSH's extensions. Thread-safe; any number of calls at a time share the session. Paths are the server's, with slashes; one that
/// does not begin with a slash starts where the session does, in the user's home.
/// </summary>
/// <remarks>
/// Every call fails with <see cref="SftpException"/> where the server refuses it, and with <see cref="SSHException"/> (<c>ssh.disconnected</c>) where the session is over. A server that says nothing at
/// all for <see cref="Timeouts.FirstByte"/> while an answer is waited for, or for <see cref="Timeouts.Idle"/> while bytes should move, is given up: the call fails with
/// <see cref="NetworkTimeoutException"/>, and the session is over.
/// </remarks>
public sealed partial class SftpFileSystem : IAsyncDisposable
{
    internal SftpFileSystem(SSHClient client, SftpConnection connection) => (Client, Connection) = (client, connection);

    /// <summary>Whether the session stands, as far as is known here.</summary>
    public bool IsOpen => Connection.IsOpen;

    /// <summary>The extensions that the server names, with what it says of them.</summary>
    public IReadOnlyDictionary<string, string> Extensions => Connection.Extensions;

    /// <summary>What the server takes in one request.</summary>
    public SftpLimits Limits => Connection.Limits;

    internal SSHClient Client { get; }

    internal SftpConnection Connection { get; }

    internal Endpoint Endpoint => Connection.Endpoint;

    /// <summary>The attributes of a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="followLinks">Whether a symbolic link stands for what it leads to.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<SftpAttributes> GetAttributesAsync(string path, bool followLinks = true, CancellationToken cancellationToken = default) =>
        AskAttributesAsync(new SftpRequest(followLinks ? SftpNumbers.Stat : SftpNumbers.LStat).Text(Checked(path)), "looked at", path, cancellationToken);

    /// <summary>The attributes of a file; null where there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="followLinks">Whether a symbolic link stands for what it leads to.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<SftpAttributes?> FindAsync(string path, bool followLinks = true, CancellationToken cancellationToken = default)
    {
        var (type, body) = await Connection.AskAsync(new SftpRequest(followLinks ? SftpNumbers.Stat : SftpNumbers.LStat).Text(Checked(path)), cancellationToken).ConfigureAwait(false);
        if (type == SftpNumbers.Status && ReadStatus(type, body).Code == SftpNumbers.NoSuchFile)
            return null;
        return ReadAttributes((type, body), "looked at", path);
    }

    /// <summary>Changes attributes of a file; what is null stays.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="attributes">What to change.</param>
    /// <param name="followLinks">Whether a symbolic link stands for what it leads to; a link itself is changed by <c>lsetstat@openssh.com</c>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task SetAttributesAsync(string path, SftpAttributes attributes, bool followLinks = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (followLinks)
            return AskOkAsync(new SftpRequest(SftpNumbers.SetStat).Text(Checked(path)).Raw(new WireWriter().Write(attributes).Written), "changed", path, cancellationToken);
        Demand(SftpNumbers.LSetStat);
        return AskOkAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.LSetStat).Text(Checked(path)).Raw(new WireWriter().Write(attributes).Written), "changed", path, cancellationToken);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">What for.</param>
    /// <param name="permissions">The permissions of one that is made, less the server's mask; null for the server's default.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<SftpFile> OpenAsync(string path, SftpOpenMode mode, UnixFileMode? permissions = null, CancellationToken cancellationToken = default)
    {
        var attributes = permissions is { } wanted ? SftpAttributes.OfPermissions(wanted) : new SftpAttributes();
        var request = new SftpRequest(SftpNumbers.Open).Text(Checked(path)).UInt32((uint)mode).Raw(new WireWriter().Write(attributes).Written);
        return new SftpFile(this, path, await AskHandleAsync(request, path, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens a file to be read from its beginning to its end, with the next parts asked for ahead.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A stream for one reader; reading beyond a cut file fails with <c>sftp.truncated</c>.</returns>
    public async Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = await OpenAsync(path, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        return new SftpReadStream(this, file, 0, null, null);
    }

    /// <summary>What is in a directory, without <c>.</c> and <c>..</c>, in the server's order.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Cancels the wait for the next names.</param>
    /// <exception cref="SftpException">The server lists what is no name of a file in it (<c>sftp.unsafe_name</c>).</exception>
    public async IAsyncEnumerable<SftpEntry> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var handle = await AskHandleAsync(new SftpRequest(SftpNumbers.OpenDirectory).Text(Checked(path)), path, cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var (type, body) = await Connection.AskAsync(new SftpRequest(SftpNumbers.ReadDirectory).String(handle), cancellationToken).ConfigureAwait(false);
                if (type == SftpNumbers.Status && ReadStatus(type, body).Code == SftpNumbers.EndOfFile)
                    yield break;
                var names = ReadNames((type, body), "listed", path);
                // As OpenSSH takes it: a server that never comes to the end would be asked for ever.
                if (names.Count == 0)
                    yield break;
                foreach (var (name, attributes) in names)
                {
                    if (name is "." or "..")
                        continue;
                    if (!RemotePath.IsName(name))
                        throw SftpFailure.Unsafe(Endpoint, name, path);
                    yield return new SftpEntry(RemotePath.Join(path, name), name, attributes);
                }
            }
        }
        finally
        {
            await Connection.TidyAsync(new SftpRequest(SftpNumbers.Close).String(handle)).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a directory.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="parents">Whether the ones above it are made too, and one that exists is no error.</param>
    /// <param name="permissions">Its permissions, less the server's mask; null for the server's default.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task CreateDirectoryAsync(string path, bool parents = false, UnixFileMode? permissions = null, CancellationToken cancellationToken = default)
    {
        if (parents)
        {
            if (await FindAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false) is { Kind: SftpFileKind.Directory })
                return;
            if (RemotePath.Parent(path) is { } above)
                await CreateDirectoryAsync(above, parents: true, permissions, cancellationToken).ConfigureAwait(false);
        }
        var attributes = permissions is { } wanted ? SftpAttributes.OfPermissions(wanted) : new SftpAttributes();
        try
        {
            await AskOkAsync(new SftpRequest(SftpNumbers.MakeDirectory).Text(Checked(path)).Raw(new WireWriter().Write(attributes).Written), "made", path, cancellationToken).ConfigureAwait(false);
        }
        catch (SftpException) when (parents)
        {
            // Somebody else may have made it meanwhile.
            if (await FindAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false) is not { Kind: SftpFileKind.Directory })
                throw;
        }
    }

    /// <summary>Deletes a file or a symbolic link.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        AskOkAsync(new SftpRequest(SftpNumbers.Remove).Text(Checked(path)), "deleted", path, cancellationToken);

    /// <summary>Deletes a directory.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="recursive">Whether what is in it is deleted too; symbolic links are deleted, not followed.</param>
    /// <param name="cancellationToken">Cancels the wait; what is deleted stays so.</param>
    public async Task DeleteDirectoryAsync(string path, bool recursive = false, CancellationToken cancellationToken = default)
    {
        if (recursive)
        {
            var entries = new List<SftpEntry>();
            await foreach (var entry in ListAsync(path, cancellationToken).ConfigureAwait(false))
                entries.Add(entry);
            foreach (var entry in entries)
            {
                if (entry.Kind == SftpFileKind.Directory)
                    await DeleteDirectoryAsync(entry.Path, recursive: true, cancellationToken).ConfigureAwait(false);
                else
                    await DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
            }
        }
        await AskOkAsync(new SftpRequest(SftpNumbers.RemoveDirectory).Text(Checked(path)), "deleted", path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a file another name.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="newPath">Its new path.</param>
    /// <param name="overwrite">Whether a file of that name is replaced, in one step (<c>posix-rename@openssh.com</c>); without it that is an error.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task RenameAsync(string path, string newPath, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        if (!overwrite)
            return AskOkAsync(new SftpRequest(SftpNumbers.Rename).Text(Checked(path)).Text(Checked(newPath)), "renamed", path, cancellationToken);
        Demand(SftpNumbers.PosixRename);
        return AskOkAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.PosixRename).Text(Checked(path)).Text(Checked(newPath)), "renamed", path, cancellationToken);
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="path">The link's path.</param>
    /// <param name="target">Where it leads, as it is written into it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task CreateSymbolicLinkAsync(string path, string target, CancellationToken cancellationToken = default) =>
        // OpenSSH has the two the other way round than the draft, and so have all others since (its PROTOCOL file, section 4.1).
        AskOkAsync(new SftpRequest(SftpNumbers.SymbolicLink).Text(Checked(target)).Text(Checked(path)), "made", path, cancellationToken);

    /// <summary>Where a symbolic link leads, as it is written in it.</summary>
    /// <param name="path">The link's path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<string> ReadLinkAsync(string path, CancellationToken cancellationToken = default) =>
        AskNameAsync(new SftpRequest(SftpNumbers.ReadLink).Text(Checked(path)), "read", path, cancellationToken);

    /// <summary>Makes a second name of a file (<c>hardlink@openssh.com</c>).</summary>
    /// <param name="path">The new name.</param>
    /// <param name="existing">The file.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task CreateHardLinkAsync(string path, string existing, CancellationToken cancellationToken = default)
    {
        Demand(SftpNumbers.HardLink);
        return AskOkAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.HardLink).Text(Checked(existing)).Text(Checked(path)), "made", path, cancellationToken);
    }

    /// <summary>A path from the root, without links, dots and double slashes.</summary>
    /// <param name="path">A path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<string> GetRealPathAsync(string path, CancellationToken cancellationToken = default) =>
        AskNameAsync(new SftpRequest(SftpNumbers.RealPath).Text(Checked(path)), "resolved", path, cancellationToken);

    /// <summary>A path with <c>~</c> and <c>~user</c> filled in by the server (<c>expand-path@openssh.com</c>).</summary>
    /// <param name="path">A path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<string> ExpandPathAsync(string path, CancellationToken cancellationToken = default)
    {
        Demand(SftpNumbers.ExpandPath);
        return AskNameAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.ExpandPath).Text(Checked(path)), "resolved", path, cancellationToken);
    }

    /// <summary>How much room the file system has on which a path lies (<c>statvfs@openssh.com</c>).</summary>
    /// <param name="path">A path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<SftpSpace> GetSpaceAsync(string path, CancellationToken cancellationToken = default)
    {
        Demand(SftpNumbers.StatVfs);
        var answer = await Connection.AskAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.StatVfs).Text(Checked(path)), cancellationToken).ConfigureAwait(false);
        return Read(answer, SftpNumbers.ExtendedReply, "looked at", path, static (ref WireReader reader) =>
        {
            var (_, fragment) = (reader.UInt64(), reader.UInt64());
            var (blocks, _, free) = (reader.UInt64(), reader.UInt64(), reader.UInt64());
            var (_, _, files) = (reader.UInt64(), reader.UInt64(), reader.UInt64());
            var (_, flags, longest) = (reader.UInt64(), reader.UInt64(), reader.UInt64());
            return new SftpSpace(Whole(blocks, fragment), Whole(free, fragment), Whole(files, 1), (flags & 1) != 0, Whole(longest, 1));
        });
    }

    /// <summary>Copies a file on the server, without its bytes coming here (<c>copy-data</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="newPath">The copy; it must not exist.</param>
    /// <param name="cancellationToken">Cancels the wait, the only limit that it has: nobody knows how long a copy takes, and a server does nothing else meanwhile.</param>
    public async Task CopyAsync(string path, string newPath, CancellationToken cancellationToken = default)
    {
        Demand(SftpNumbers.CopyData);
        var from = await OpenAsync(path, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        await using (from.ConfigureAwait(false))
        {
            var to = await OpenAsync(newPath, SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New, null, cancellationToken).ConfigureAwait(false);
            await using (to.ConfigureAwait(false))
            {
                await AskOkAsync(new SftpRequest(SftpNumbers.Extended) { IsLong = true }.Text(SftpNumbers.CopyData).String(from.Handle).UInt64(0).UInt64(0).String(to.Handle).UInt64(0), "copied", path, cancellationToken).ConfigureAwait(false);
                await to.CloseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the session. The connection stays.</summary>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static long Whole(ulong count, ulong size) => (long)UInt128.Min((UInt128)count * size, long.MaxValue);

    private static string Checked(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return path.Contains('\0') ? throw new ArgumentException("A path has no NUL.", nameof(path)) : path;
    }
}
