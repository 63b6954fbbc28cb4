using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SftpFileSystem
{
    /// <summary>Everything below a directory: a directory before what is in it. Symbolic links are named, not followed.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="enter">Whether to look into a directory; null for all.</param>
    /// <param name="cancellationToken">Cancels the wait for the next names.</param>
    public async IAsyncEnumerable<SftpEntry> WalkAsync(string path, Func<SftpEntry, bool>? enter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A stack and no recursion: the depth is the server's choice.
        var folders = new Stack<string>([Checked(path)]);
        while (folders.TryPop(out var folder))
        {
            await foreach (var entry in ListAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                yield return entry;
                if (entry.Kind == SftpFileKind.Directory && enter?.Invoke(entry) != false)
                    folders.Push(entry.Path);
            }
        }
    }

    /// <summary>
    /// What a pattern names: <c>*</c>, <c>?</c> and <c>[a-z]</c> within a name, <c>**</c> for any number of directories, a backslash before a character that is meant as it is. Names that begin with a dot are met
    /// only by patterns that do.
    /// </summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="cancellationToken">Cancels the wait for the next names.</param>
    public async IAsyncEnumerable<SftpEntry> GlobAsync(string pattern, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Checked(pattern);
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var waiting = new Stack<(string Folder, int Part)>([(pattern.StartsWith('/') ? "/" : "", 0)]);
        var seen = new HashSet<string>();
        while (waiting.TryPop(out var next))
        {
            var (folder, at) = next;
            if (at == parts.Length)
                continue;
            var (part, isLast) = (parts[at], at == parts.Length - 1);
            if (!GlobPattern.HasWildcards(part) || GlobPattern.Plain(part) is var plain && part.AsSpan().IndexOfAny("*?[") < 0 && plain.Length > 0)
            {
                var path = folder.Length == 0 ? GlobPattern.Plain(part) : RemotePath.Join(folder, GlobPattern.Plain(part));
                if (!isLast)
                    waiting.Push((path, at + 1));
                else if (await FindAsync(path, followLinks: false, cancellationToken).ConfigureAwait(false) is { } attributes && seen.Add(path))
                    yield return new SftpEntry(path, RemotePath.Name(path), attributes);
                continue;
            }
            // Two stars are no directory at all, or one and the two stars again.
            if (part == "**")
                waiting.Push((folder, at + 1));
            await foreach (var entry in TryListAsync(folder.Length == 0 ? "." : folder, cancellationToken).ConfigureAwait(false))
            {
                var path = folder.Length == 0 ? entry.Name : entry.Path;
                if (part == "**")
                {
                    if (entry.Kind == SftpFileKind.Directory && entry.Name[0] != '.')
                        waiting.Push((path, at));
                    if (isLast && entry.Name[0] != '.' && seen.Add(path))
                        yield return entry with { Path = path };
                }
                else if (GlobPattern.Matches(part, entry.Name))
                {
                    if (!isLast)
                        waiting.Push((path, at + 1));
                    else if (seen.Add(path))
                        yield return entry with { Path = path };
                }
            }
        }
    }

    /// <summary>Sends a directory with all below it.</summary>
    /// <param name="localPath">The local directory.</param>
    /// <param name="remotePath">The remote one, made where it does not exist.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it; what was sent stays.</param>
    public Task<SftpTreeResult> UploadDirectoryAsync(string localPath, string remotePath, SftpTreeOptions? options = null, CancellationToken cancellationToken = default) =>
        TreeAsync(localPath, remotePath, options, "SFTP upload directory", (tree, token) => tree.UploadAsync(isSync: false, token), cancellationToken);

    /// <summary>Fetches a directory with all below it. Whatever names the server gives, nothing is written outside of the local directory.</summary>
    /// <param name="remotePath">The remote directory.</param>
    /// <param name="localPath">The local one, made where it does not exist.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it; what was fetched stays.</param>
    /// <exception cref="SftpException">The server lists what is no name of a file in a directory (<c>sftp.unsafe_name</c>).</exception>
    public Task<SftpTreeResult> DownloadDirectoryAsync(string remotePath, string localPath, SftpTreeOptions? options = null, CancellationToken cancellationToken = default) =>
        TreeAsync(localPath, remotePath, options, "SFTP download directory", (tree, token) => tree.DownloadAsync(isSync: false, token), cancellationToken);

    /// <summary>Makes a remote directory equal to a local one: sends the files whose size or time differs, and with <see cref="SftpTreeOptions.Delete"/> deletes what is only there.</summary>
    /// <param name="localPath">The local directory.</param>
    /// <param name="remotePath">The remote one, made where it does not exist.</param>
    /// <param name="options">How; null for the defaults. Files that differ are overwritten, and times are kept, whatever it says.</param>
    /// <param name="cancellationToken">Cancels it; what was done stays.</param>
    public Task<SftpTreeResult> SyncToAsync(string localPath, string remotePath, SftpTreeOptions? options = null, CancellationToken cancellationToken = default) =>
        TreeAsync(localPath, remotePath, options, "SFTP sync", (tree, token) => tree.UploadAsync(isSync: true, token), cancellationToken);

    /// <summary>Makes a local directory equal to a remote one: fetches the files whose size or time differs, and with <see cref="SftpTreeOptions.Delete"/> deletes what is only here.</summary>
    /// <param name="remotePath">The remote directory.</param>
    /// <param name="localPath">The local one, made where it does not exist.</param>
    /// <param name="options">How; null for the defaults. Files that differ are overwritten, and times are kept, whatever it says.</param>
    /// <param name="cancellationToken">Cancels it; what was done stays.</param>
    public Task<SftpTreeResult> SyncFromAsync(string remotePath, string localPath, SftpTreeOptions? options = null, CancellationToken cancellationToken = default) =>
        TreeAsync(localPath, remotePath, options, "SFTP sync", (tree, token) => tree.DownloadAsync(isSync: true, token), cancellationToken);

    internal Task<SftpTransferResult> SendFileAsync(string local, string remote, SftpTransferOptions options, CancellationToken cancellationToken) => SftpUpload.RunAsync(this, local, remote, options, cancellationToken);

    internal Task<SftpTransferResult> FetchFileAsync(string remote, string local, SftpTransferOptions options, CancellationToken cancellationToken) => FetchAsync(remote, local, options, cancellationToken);

    private Task<SftpTreeResult> TreeAsync(string localPath, string remotePath, SftpTreeOptions? options, string name, Func<SftpTree, CancellationToken, Task<SftpTreeResult>> run, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(localPath);
        Checked(remotePath);
        options ??= SftpTreeOptions.Default;
        options.Validate();
        return TransferAsync(name, options.Transfer, async token =>
        {
            try
            {
                return await run(new SftpTree(this, Path.GetFullPath(localPath), remotePath, options), token).ConfigureAwait(false);
            }
            catch (Exception local) when (TransferFailure.IsLocal(local))
            {
                throw TransferFailure.Local($"The folder '{Printable.Text(localPath)}' cannot be used: {local.Message}", local, "Check what is there and its permissions.");
            }
        }, cancellationToken);
    }

    // What cannot be opened has nothing to find, as for a shell.
    private async IAsyncEnumerable<SftpEntry> TryListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = ListAsync(folder, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (entries.ConfigureAwait(false))
        {
            while (true)
            {
                try
                {
                    if (!await entries.MoveNextAsync().ConfigureAwait(false))
                        yield break;
                }
                catch (SftpException error) when (error.Code is ErrorCodes.SftpNoSuchFile or ErrorCodes.SftpPermission or ErrorCodes.SftpFailure)
                {
                    yield break;
                }
                yield return entries.Current;
            }
        }
    }
}
