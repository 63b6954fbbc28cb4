using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// The unfinished file: made anew under a name that nobody can guess, readable by its owner alone, and locked against a second transfer.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;

    private readonly FileStream _file;

    private PartialFile(string path, FileStream file) => (_path, _file) = (path, file);

    public string Name => Path.GetFileName(_path);

    public SafeFileHandle Handle => _file.SafeFileHandle;

    public static PartialFile Create(TargetFile target)
    {
        var path = Path.Combine(target.Folder, target.FreshTemporary());
        try
        {
            return new PartialFile(path, CreatePrivate(path));
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw TransferFailure.Local(target.Path, error);
        }
    }

    /// <summary>Opens what an earlier run left; null where it is gone.</summary>
    /// <exception cref="NetworkException">Another transfer is writing it (<c>local.io</c>).</exception>
    public static PartialFile? Open(TargetFile target, string name)
    {
        var path = Path.Combine(target.Folder, name);
        try
        {
            return new FileInfo(path) is { Exists: true, LinkTarget: null } ? new PartialFile(path, new FileStream(path, Options(FileMode.Open))) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw TransferFailure.Local($"'{target.Path}' is being fetched already, or what was left of it cannot be opened: {error.Message}", error,
                "Wait for the other transfer, or delete the unfinished file.");
        }
    }

    /// <summary>Gives the file its name, with everything on the disk before that.</summary>
    public void Publish(TargetFile target, long length, bool overwrite)
    {
        RandomAccess.SetLength(Handle, length);
        if (!OperatingSystem.IsWindows())
        {
            var before = overwrite && File.Exists(target.Path) ? File.GetUnixFileMode(target.Path) : Durable.DefaultMode();
            File.SetUnixFileMode(Handle, before);
        }
        RandomAccess.FlushToDisk(Handle);
        try
        {
            // Still open, and so still locked. Without overwriting, the move fails where the name has been taken meanwhile.
            if (OperatingSystem.IsWindows())
                _file.Dispose();
            File.Move(_path, target.Path, overwrite);
        }
        catch (IOException) when (!overwrite && Path.Exists(target.Path))
        {
            throw TransferFailure.Exists(target.Path);
        }
        Durable.SyncFolder(target.Folder);
    }

    public void Delete()
    {
        // Windows deletes nothing that is open; elsewhere the lock holds until the name is gone.
        if (OperatingSystem.IsWindows())
            _file.Dispose();
        Delete(_path);
        _file.Dispose();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Makes a file that was not there, which nobody else may open: not even for the moment in which it is empty.</summary>
    public static FileStream CreatePrivate(string path)
    {
        var options = Options(FileMode.CreateNew);
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Deletes what runs left that were killed before they could note it in a journal.</summary>
    public static void DeleteOrphans(TargetFile target, string? kept)
    {
        foreach (var path in Directory.EnumerateFiles(target.Folder, "*" + TargetFile.PartSuffix))
        {
            var name = Path.GetFileName(path);
            if (!target.IsTemporary(name) || name == kept || FileFacts.Of(path) is { IsPrivate: false })
                continue;
            try
            {
                // The lock tells whether a transfer is still writing it.
                using (new FileStream(path, Options(FileMode.Open)))
                    Delete(path);
            }
            catch (Exception error) when (TransferFailure.IsLocal(error))
            {
                // Somebody is.
            }
        }
    }

    /// <summary>Deletes a file where that can be done; what is left over does no harm.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            // A later run deletes it, or its owner does.
        }
    }

    private static FileStreamOptions Options(FileMode mode) =>
        new() { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
}
