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
    public static NetworkException NotConnected(Exception error, NetworkPhase phase, Endpoint endpoint, string user)
    {
        if (ErrorMap.Ours(error) is { } ours)
            return ours;
        return error switch
        {
            SshOperationTimeoutException late => Failure(ErrorCodes.TimeoutFirstByte, $"{endpoint} did not answer in time {During(phase)}.", phase, endpoint, late, WasSent.Never),
            SshAuthenticationException denied => Denied(denied.Message, endpoint, user, denied),
            // The server hangs up on who has tried too often (RFC 4253, section 11.1).
            SshConnectionException { DisconnectReason: DisconnectReason.NoMoreAuthenticationMethodsAvailable or DisconnectReason.IllegalUserName or DisconnectReason.AuthenticationCanceledByUser } hung =>
                Denied(hung.Message, endpoint, user, hung),
            SshConnectionException { DisconnectReason: DisconnectReason.ProtocolError } many when phase == NetworkPhase.Authenticate && many.Message.Contains("authentication failures", StringComparison.OrdinalIgnoreCase) =>
                Denied(many.Message, endpoint, user, many),
            SshConnectionException { DisconnectReason: DisconnectReason.ConnectionLost or DisconnectReason.None or DisconnectReason.ByApplication or DisconnectReason.TooManyConnections } or SocketException or IOException or ObjectDisposedException =>
                Failure(ErrorCodes.SshDisconnected, $"{endpoint} closed the connection {During(phase)}: {Words(error)}", phase, endpoint, error, WasSent.Never),
            _ => Failure(ErrorCodes.SshProtocol, $"No SSH connection to {endpoint} came about {During(phase)}: {Words(error)}", phase, endpoint, error, WasSent.Never),
        };
    }

    private static NetworkException Denied(string words, Endpoint endpoint, string user, Exception error) => Failure(ErrorCodes.SshAuthentication,
        $"{endpoint} accepted none of the credentials of '{Printable.Text(user)}': {Printable.Text(words)}", NetworkPhase.Authenticate, endpoint, error, WasSent.Never);

    private static string During(NetworkPhase phase) => phase == NetworkPhase.Authenticate ? "during authentication" : "during the handshake";

    private static string Words(Exception? error) => error is null ? "the server closed it." : Printable.Text(error.Message);

    private static NetworkException Failure(string code, string message, NetworkPhase phase, Endpoint endpoint, Exception? inner, WasSent wasSent) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = phase,
        Endpoint = endpoint,
        WasSent = wasSent,
    }.ToException(inner);
}
