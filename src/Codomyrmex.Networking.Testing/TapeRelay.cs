using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing;

/// <summary>Passes datagrams on between one client and a server, and writes them down; see <see cref="WireTape.RecordDatagrams"/>.</summary>
public sealed class TapeRelay : IAsyncDisposable
{
    private readonly WireTape _tape;
    private readonly Socket _near;
    private readonly Socket _far;
    private readonly Task _passing;
    private volatile EndPoint? _client;

    internal TapeRelay(WireTape tape, IPEndPoint server)
    {
        _tape = tape;
        var loopback = server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        _near = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _near.Bind(new IPEndPoint(loopback, 0));
        _far = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _far.Connect(server);
        _passing = Task.WhenAll(Task.Run(SendOnAsync), Task.Run(SendBackAsync));
    }

    /// <summary>Where the client sends to in place of the server.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_near.LocalEndPoint!;

    /// <summary>Ends the passing on.</summary>
    public async ValueTask DisposeAsync()
    {
        _near.Dispose();
        _far.Dispose();
        await _passing.ConfigureAwait(false);
    }

    private async Task SendOnAsync()
    {
        var buffer = new byte[ushort.MaxValue];
        while (await ReceiveAsync(() => _near.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(EndPoint.Address, 0))).ConfigureAwait(false) is { } datagram)
        {
            _client = datagram.RemoteEndPoint;
            _tape.Add(isSent: true, buffer.AsSpan(0, datagram.ReceivedBytes), isDatagram: true);
            await ReceiveAsync(async () => await _far.SendAsync(buffer.AsMemory(0, datagram.ReceivedBytes)).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task SendBackAsync()
    {
        var buffer = new byte[ushort.MaxValue];
        while (await ReceiveAsync(async () => await _far.ReceiveAsync(buffer.AsMemory()).ConfigureAwait(false)).ConfigureAwait(false) is { } count)
        {
            if (_client is not { } client)
                continue;
            _tape.Add(isSent: false, buffer.AsSpan(0, count), isDatagram: true);
            await ReceiveAsync(async () => await _near.SendToAsync(buffer.AsMemory(0, count), client).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    // That somebody is not there today is no reason to end; that the sockets are closed is.
    private static async Task<T?> ReceiveAsync<T>(Func<Task<T>> work) where T : struct
    {
        while (true)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                return null;
            }
        }
    }
}
