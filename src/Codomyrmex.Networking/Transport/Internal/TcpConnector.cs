using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Opens one socket to one address that the policy has already checked.</summary>
internal static class TcpConnector
{
    public static async Task<Stream> ConnectAsync(IPAddress address, int port, TransportOptions options, DialTrace trace, CancellationToken cancellationToken)
    {
        var remote = new IPEndPoint(address, port);
        var start = trace.Clock.GetTimestamp();
        string? code = null;
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Configure(socket, options, address.AddressFamily);
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            // A connect to a port of our own ephemeral range can meet itself (simultaneous open, RFC 9293, section 3.5).
            if (remote.Equals(socket.LocalEndPoint))
                throw new SocketException((int)SocketError.ConnectionRefused);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            code = ErrorMap.Code(error.SocketErrorCode);
            throw new NetworkFailure { Code = code, Message = Describe(remote, trace.Endpoint, code, error), Phase = NetworkPhase.Connect, Endpoint = trace.Endpoint }.ToException(error);
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
            code = ErrorCodes.TimeoutConnect;
            throw;
        }
        finally
        {
            trace.Tried(remote.ToString(), trace.Clock.GetElapsedTime(start), code);
        }
    }

    public static async Task<Stream> ConnectUnixAsync(string path, TransportOptions options, DialTrace trace, CancellationToken cancellationToken)
    {
        var start = trace.Clock.GetTimestamp();
        string? code = null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            SocketTuning.Of(options).ApplyBuffers(socket);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            socket.Dispose();
            code = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? ErrorCodes.TcpRefused : ErrorCodes.LocalAddress;
            throw new NetworkFailure { Code = code, Message = $"Connecting to unix:{path} failed: {error.Message}", Phase = NetworkPhase.Connect, Endpoint = trace.Endpoint }.ToException(error);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            code = ErrorCodes.TimeoutConnect;
            throw;
        }
        finally
        {
            trace.Tried("unix:" + path, trace.Clock.GetElapsedTime(start), code);
        }
    }

    private static void Configure(Socket socket, TransportOptions options, AddressFamily family)
    {
        SocketTuning.Of(options).Apply(socket);
        if (options.BindAddress is { } local)
        {
            if (local.AddressFamily != family)
                throw new SocketException((int)SocketError.AddressFamilyNotSupported);
            socket.Bind(new IPEndPoint(local, 0));
        }
    }

    private static string Describe(IPEndPoint remote, Endpoint endpoint, string code, SocketException error)
    {
        var whom = endpoint.Host == remote.Address.ToString() ? endpoint.ToString() : string.Create(CultureInfo.InvariantCulture, $"{endpoint} ({remote})");
        return code switch
        {
            ErrorCodes.TcpRefused => $"{whom} refused the connection.",
            ErrorCodes.TcpUnreachable => $"{whom} cannot be reached: {error.Message}.",
            ErrorCodes.LocalDescriptors => "This process has no file descriptors left for a connection.",
            ErrorCodes.LocalPorts => $"There is no local address or port for a connection to {whom}.",
            _ => $"Connecting to {whom} failed: {error.Message}.",
        };
    }
}
