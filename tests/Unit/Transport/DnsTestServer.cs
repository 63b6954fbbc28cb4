using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>A DNS server on loopback, UDP and TCP on one port, that sends for each query whatever a test gives it.</summary>
internal sealed class DnsTestServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<byte[], bool, IEnumerable<byte[]>> _replies;
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly Channel<(byte[] Query, bool OverTcp, IPEndPoint From)> _received = Channel.CreateUnbounded<(byte[], bool, IPEndPoint)>();
    private readonly Task _running;

    /// <param name="replies">Query and whether it came over TCP, to the messages to send.</param>
    public DnsTestServer(Func<byte[], bool, IEnumerable<byte[]>> replies)
    {
        _replies = replies;
        (_udp, _tcp) = Bind();
        _tcp.Listen();
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _running = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Queries in the order of arrival, each published after its replies were sent.</summary>
    public ChannelReader<(byte[] Query, bool OverTcp, IPEndPoint From)> Received => _received.Reader;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _running;
        _stop.Dispose();
    }

    /// <summary>A free UDP port of which the TCP twin is free too.</summary>
    private static (Socket Udp, Socket Tcp) Bind()
    {
        while (true)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[65535];
        try
        {
            while (true)
            {
                var got = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var query = buffer[..got.ReceivedBytes];
                _received.Writer.TryWrite((query, false, (IPEndPoint)got.RemoteEndPoint));
                foreach (var reply in _replies(query, false))
                    await _udp.SendToAsync(reply, SocketFlags.None, got.RemoteEndPoint, _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _tcp.AcceptAsync(_stop.Token);
                await using var stream = new NetworkStream(socket);
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _stop.Token);
                var query = new byte[(prefix[0] << 8) | prefix[1]];
                await stream.ReadExactlyAsync(query, _stop.Token);
                _received.Writer.TryWrite((query, true, (IPEndPoint)socket.RemoteEndPoint!));
                foreach (var reply in _replies(query, true))
                    await stream.WriteAsync((byte[])[.. DnsTestMessage.U16(reply.Length), .. reply], _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
        }
    }
}
