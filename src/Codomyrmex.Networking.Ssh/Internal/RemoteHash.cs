using System.Security.Cryptography;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>The SHA-256 of a remote file: by the server's own program where one can be run, and by reading the file where not.</summary>
internal static class RemoteHash
{
    private const int Digits = 64;

    public static async Task<string> ComputeAsync(SftpFileSystem files, string path, SftpFile file, CancellationToken cancellationToken) =>
        await AskAsync(files, path, cancellationToken).ConfigureAwait(false) ?? await ReadAsync(files, file, cancellationToken).ConfigureAwait(false);

    private static async Task<string?> AskAsync(SftpFileSystem files, string path, CancellationToken cancellationToken)
    {
        // The session of the files has a place itself, and holds it while this waits: with none left, a command would wait for ever.
        if ((await files.Client.LinkAsync(cancellationToken).ConfigureAwait(false)).Sessions.CurrentCount == 0)
            return null;
        try
        {
            // A relative path begins in the home directory, for a command as for SFTP; one with a hyphen in front must not be an option.
            var word = ShellText.Quote(path.StartsWith('/') ? path : "./" + path);
            var result = await files.Client.RunAsync($"sha256sum {word} 2>/dev/null || shasum -a 256 {word} 2>/dev/null || sha256 -q {word}", new() { MaxOutputBytes = 64 * 1024 }, cancellationToken).ConfigureAwait(false);
            // A name with a backslash or a line break puts a backslash in front.
            var digits = result.Stdout.TrimStart('\\');
            return result.ExitCode == 0 && digits.Length >= Digits && digits.AsSpan(0, Digits).IndexOfAnyExcept("0123456789abcdef") < 0 ? digits[..Digits] : null;
        }
        catch (SSHException refused) when (refused.Code is ErrorCodes.SshChannel or ErrorCodes.SshOutputTooLarge)
        {
            // A server for files alone.
            return null;
        }
    }

    private static async Task<string> ReadAsync(SftpFileSystem files, SftpFile file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var stream = new SftpReadStream(files, file, 0, null, null);
        var buffer = new byte[256 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            hash.AppendData(buffer, 0, count);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
