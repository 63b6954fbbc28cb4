namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Files of keys that do not exist yet.</summary>
internal static class KeyPairFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ReadableByAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a file that must be new. Its rights are there before its content: there is no moment in which others could open a private key (CVE class 46).</summary>
    public static async Task WriteNewAsync(string path, byte[] content, bool isSecret, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = isSecret ? OwnerOnly : ReadableByAll;
        try
        {
            var stream = new FileStream(path, options);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException exists) when (File.Exists(path) && exists is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new NetworkFailure { Code = ErrorCodes.LocalExists, Message = $"'{path}' exists, and a key is never written over.", Hint = "Name another file." }.ToException(exists);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new NetworkFailure { Code = ErrorCodes.LocalIo, Message = $"'{path}' cannot be written: {failed.Message}" }.ToException(failed);
        }
    }
}
