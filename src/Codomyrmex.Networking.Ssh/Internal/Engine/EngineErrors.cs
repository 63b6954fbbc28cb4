using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Internal;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>The one place where the engine's exceptions become errors of ours.</summary>
internal static class EngineErrors
{
    /// <summary>Why a connection that stood is gone.</summary>
    public static NetworkException Lost(Exception? error, Endpoint endpoint) => ErrorMap.Ours(error ?? new SshConnectionException("it was closed")) ?? Failure(
        error is null or SocketException or ObjectDisposedException or SshConnectionException { DisconnectReason: not (DisconnectReason.ProtocolError or DisconnectReason.MacError) } or SshOperationTimeoutException
            ? ErrorCodes.SshDisconnected : ErrorCodes.SshProtocol,
        $"The SSH connection to {endpoint} was lost: {Words(error)}", NetworkPhase.Receive, endpoint, error, WasSent.Maybe);

    /// <summary>Why no connection came about.</summary>
    public static NetworkException NotConnected(Exception error, NetworkPhase phase, LinkSetup setup)
    {
        var endpoint = setup.Endpoint;
        if (ErrorMap.Ours(error) is { } ours)
            return ours;
        return error switch
        {
            SshOperationTimeoutException late => Failure(ErrorCodes.TimeoutFirstByte, $"{endpoint} did not answer in time {During(phase)}.", phase, endpoint, late, WasSent.Never, phase == NetworkPhase.Handshake ? "The port may speak something else than SSH; check it, or allow more time." : null),
            SshAuthenticationException denied => Denied(denied, setup),
            // The server hangs up on who has tried too often (RFC 4253, section 11.1).
            SshConnectionException { DisconnectReason: DisconnectReason.NoMoreAuthenticationMethodsAvailable or DisconnectReason.IllegalUserName or DisconnectReason.AuthenticationCanceledByUser } hung =>
                Denied(hung, setup),
            SshConnectionException { DisconnectReason: DisconnectReason.ProtocolError } many when phase == NetworkPhase.Authenticate && many.Message.Contains("authentication failures", StringComparison.OrdinalIgnoreCase) =>
                Denied(many, setup),
            SshConnectionException { DisconnectReason: DisconnectReason.ConnectionLost or DisconnectReason.None or DisconnectReason.ByApplication or DisconnectReason.TooManyConnections } or SocketException or IOException or ObjectDisposedException =>
                Failure(ErrorCodes.SshDisconnected, $"{endpoint} closed the connection {During(phase)}: {Words(error)}", phase, endpoint, error, WasSent.Never),
            _ => Failure(ErrorCodes.SshProtocol, $"No SSH connection to {endpoint} came about {During(phase)}: {Words(error)}", phase, endpoint, error, WasSent.Never),
        };
    }

    private static NetworkException Denied(Exception error, LinkSetup setup)
    {
        var user = Printable.Text(setup.User);
        // The engine puts what the server would take in brackets at the end.
        var words = error.Message.TrimEnd('.', ' ');
        var bracket = words.EndsWith(')') ? words.LastIndexOf('(') : -1;
        var takes = bracket < 0 ? "" : Printable.Text(words.Substring(bracket + 1, words.Length - bracket - 2));
        var shown = setup.Credentials.Where(static credential => credential is not NoCredential).ToList();
        var why = takes.Length > 0 ? $"it takes {takes.Replace(",", ", ", StringComparison.Ordinal)}" : Printable.Text(words);
        return new NetworkFailure
        {
            Code = ErrorCodes.SshAuthentication,
            Message = shown.Count == 0 ? $"{setup.Endpoint} does not let '{user}' in unproven: {why}." : $"{setup.Endpoint} does not let '{user}' in: {why}, and none of these was right: {string.Join(", ", shown.Take(8))}.",
            Hint = Advice(takes, user, shown),
            Phase = NetworkPhase.Authenticate,
            Endpoint = setup.Endpoint,
            WasSent = WasSent.Never,
        }.ToException(error);
    }

    /// <summary>What to try: of what the server takes, what there was, or what there was not.</summary>
    private static string Advice(string takes, string user, List<SSHCredential> shown)
    {
        var inner = shown.ConvertAll(static credential => credential is BoundCredential bound ? bound.Inner : credential);
        var (hasKey, hasPassword) = (inner.Exists(static credential => credential is KeyFileCredential or AgentCredential), inner.Exists(static credential => credential is PasswordCredential or InteractiveCredential));
        var advice = new List<string> { $"Check that '{user}' is the user there." };
        if (takes.Contains("publickey", StringComparison.Ordinal))
            advice.Add(hasKey ? "The public half of the key has to be in that user's ~/.ssh/authorized_keys (ssh-copy-id)." : "Name a private key (SSHCredential.KeyFile, --key).");
        if (takes.Contains("password", StringComparison.Ordinal) || takes.Contains("keyboard-interactive", StringComparison.Ordinal))
            advice.Add(hasPassword ? "Check the password." : "A password would be taken too (SSHCredential.Password; CODONET_SSH_PASSWORD, --password-file).");
        else if (hasPassword && takes.Length > 0)
            advice.Add("It takes no password.");
        return string.Join(' ', advice);
    }

    private static string During(NetworkPhase phase) => phase == NetworkPhase.Authenticate ? "during authentication" : "during the handshake";

    private static string Words(Exception? error) => error is null ? "the server closed it." : Printable.Text(error.Message);

    private static NetworkException Failure(string code, string message, NetworkPhase phase, Endpoint endpoint, Exception? inner, WasSent wasSent, string? hint = null) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Hint = hint,
        Phase = phase,
        Endpoint = endpoint,
        WasSent = wasSent,
    }.ToException(inner);
}
