using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Files that keep what a client has learned: the owner's alone, and whole at every moment.</summary>
internal static class StateFile
{
    /// <summary>The file's bytes, or null where there is none.</summary>
    /// <exception cref="FormatException">It is larger than such a file can be.</exception>
    public static async Task<byte[]?> ReadAsync(string path, long largest, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: var length } && length > largest)
                throw new FormatException($"{path} has {length} bytes; it is not read. It was not changed.");
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes beside the file, onto the disk, then moves it into place. A link is followed, so that it stays one.</summary>
    public static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target)
            path = target.FullName;
        // Root could move a file into a device's place.
        if (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
            throw new IOException($"{path} is no place for a file.");
        // A random name, and only if nothing has it: nobody can have put a link there (CVE-2026-25645).
        var beside = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(beside, options))
            {
                await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
            Durable.SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
