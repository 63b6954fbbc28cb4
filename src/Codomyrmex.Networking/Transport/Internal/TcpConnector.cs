using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Opens one socket to one address that the policy has already checked.</summary>
internal static class TcpConnector
{
    public static async Task<Stream> ConnectAsync(IPAddress address, int port, TransportOptions options, DialTrace trace, CancellationToken cancellationToken)
    {
        var remote = new IPEndPoint(address, port);
        var start = trace.Clock.GetTimestamp();
        string? code = null;
        Stream? stream = null;
        try
        {
            stream = EventLoop.IsSupported && !trace.WantsPlatformSocket
                ? await ConnectInLoopAsync(remote, options, cancellationToken).ConfigureAwait(false)
                : await ConnectByPlatformAsync(remote, options, cancellationToken).ConfigureAwait(false);
            // A connect to a port of our own ephemeral range can meet itself (simultaneous open, RFC 9293, section 3.5).
            if (remote.Equals(new WireEnd(stream).Local))
                throw new SocketException((int)SocketError.ConnectionRefused);
            return stream;
        }
        catch (SocketException error)
        {
            stream?.Dispose();
            code = ErrorMap.Code(error.SocketErrorCode);
            throw new NetworkFailure { Code = code, Message = Describe(remote, trace.Endpoint, code, error), Phase = NetworkPhase.Connect, Endpoint = trace.Endpoint }.ToException(error);
        }
        catch (OperationCanceledException)
        {
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
        try
        {
            var remote = new UnixDomainSocketEndPoint(path);
            return EventLoop.IsSupported
                ? await ConnectInLoopAsync(remote, options, cancellationToken).ConfigureAwait(false)
                : await ConnectByPlatformAsync(remote, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            code = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? ErrorCodes.TcpRefused : ErrorCodes.LocalAddress;
            throw new NetworkFailure { Code = code, Message = $"Connecting to unix:{path} failed: {error.Message}", Phase = NetworkPhase.Connect, Endpoint = trace.Endpoint }.ToException(error);
        }
        catch (OperationCanceledException)
        {
            code = ErrorCodes.TimeoutConnect;
            throw;
        }
        finally
        {
            trace.Tried("unix:" + path, trace.Clock.GetElapsedTime(start), code);
        }
    }

    private static async Task<Stream> ConnectInLoopAsync(EndPoint remote, TransportOptions options, CancellationToken cancellationToken)
    {
        var socket = StreamSocket.Open(remote.AddressFamily);
        try
        {
            if (remote is not IPEndPoint)
                SocketTuning.Of(options).ApplyBuffers(socket);
            else
                SocketTuning.Of(options).Apply(socket);
            if (LocalFor(remote, options) is { } local)
                socket.Bind(local);
            return await LoopStream.ConnectAsync(socket, remote, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> ConnectByPlatformAsync(EndPoint remote, TransportOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, remote is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (remote is not IPEndPoint)
                SocketTuning.Of(options).ApplyBuffers(socket);
            else
                SocketTuning.Of(options).Apply(socket);
            if (LocalFor(remote, options) is { } local)
                socket.Bind(local);
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPEndPoint? LocalFor(EndPoint remote, TransportOptions options)
    {
        if (remote is not IPEndPoint || options.BindAddress is not { } local)
            return null;
        return local.AddressFamily == remote.AddressFamily ? new IPEndPoint(local, 0) : throw new SocketException((int)SocketError.AddressFamilyNotSupported);
    }

    private static string Describe(IPEndPoint remote, Endpoint endpoint, string code, SocketException error)
    {
        var whom = endpoint.Host == remote.Address.ToString() && endpoint.Port == remote.Port ? endpoint.ToString() : string.Create(CultureInfo.InvariantCulture, $"{endpoint} ({remote})");
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
