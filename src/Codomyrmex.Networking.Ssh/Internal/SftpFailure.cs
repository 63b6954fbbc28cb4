using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What goes wrong with remote files, in words.</summary>
internal static class SftpFailure
{
    /// <summary>The error for a status that a server answered with.</summary>
    public static NetworkException OfStatus(Endpoint endpoint, uint status, string words, string what, string path)
    {
        var (code, why) = status switch
        {
            SftpNumbers.NoSuchFile => (ErrorCodes.SftpNoSuchFile, "it does not exist"),
            SftpNumbers.PermissionDenied => (ErrorCodes.SftpPermission, "the server denies it"),
            SftpNumbers.EndOfFile => (ErrorCodes.SftpTruncated, "it ends here"),
            SftpNumbers.Unsupported => (ErrorCodes.SftpUnsupported, "the server does not know how"),
            SftpNumbers.BadMessage => (ErrorCodes.SftpMalformed, "the server could not read the request"),
            _ => (ErrorCodes.SftpFailure, $"status {status}"),
        };
        var said = words.Length == 0 ? "" : $" ('{Printable.Text(words)}')";
        return Fail(code, endpoint, $"'{Printable.Text(path)}' on {endpoint} could not be {what}: {why}{said}.");
    }

    public static NetworkException Malformed(Endpoint endpoint, string what, Exception? inner) =>
        Fail(ErrorCodes.SftpMalformed, endpoint, $"{endpoint} broke the SFTP protocol: {what}", inner);

    public static NetworkException Ended(Endpoint endpoint) => Fail(ErrorCodes.SshDisconnected, endpoint, $"{endpoint} ended the SFTP session.");

    public static NetworkException Closed(Endpoint endpoint) => Fail(ErrorCodes.SshDisconnected, endpoint, $"The SFTP session with {endpoint} was closed here.");

    /// <summary>A server that says nothing, whoever asks it what.</summary>
    public static NetworkException Silent(Endpoint endpoint, TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutFirstByte,
        Message = $"The SFTP session with {endpoint} was silent for {limit.TotalSeconds:0.###} s while an answer was waited for; it is over.",
        Phase = NetworkPhase.FirstByte,
        Endpoint = endpoint,
        WasSent = WasSent.Maybe,
    }.ToException();

    public static NetworkException Unsafe(Endpoint endpoint, string name, string folder) =>
        Fail(ErrorCodes.SftpUnsafeName, endpoint, $"{endpoint} lists '{Printable.Text(name)}' in '{Printable.Text(folder)}', which is no name of a file there.");

    public static NetworkException Unsupported(Endpoint endpoint, string extension) =>
        Fail(ErrorCodes.SftpUnsupported, endpoint, $"{endpoint} does not offer {extension}.");

    public static NetworkException Truncated(Endpoint endpoint, string path, long at, long expected) =>
        Fail(ErrorCodes.SftpTruncated, endpoint, $"'{Printable.Text(path)}' on {endpoint} ended after {at} of {expected} bytes.");

    public static NetworkException Fail(string code, Endpoint endpoint, string message, Exception? inner = null) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException(inner);
}
