using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A UDP server on a loopback address that answers what a delegate says, and loses, doubles, reorders or forges its replies when told to. Thread-safe.
/// </summary>
public sealed class LoopbackUDPServer : IAsyncDisposable
{
    private readonly Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?> _answer;
    private readonly Socket _socket;
    private readonly Socket _elsewhere;
    private readonly Task _receiving;
    private readonly List<byte[]> _received = [];
    private readonly List<(DatagramFault Fault, int Left)> _faults = [];
    private readonly Lock _lock = new();
    private (byte[] Reply, EndPoint To)? _held;

    private LoopbackUDPServer(Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?> answer, IPEndPoint endPoint)
    {
        _answer = answer;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(endPoint);
        _elsewhere = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _elsewhere.Bind(new IPEndPoint(endPoint.Address, 0));
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>The address and port that it is bound to.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The port.</summary>
    public int Port => EndPoint.Port;

    /// <summary>The datagrams so far, in order.</summary>
    public IReadOnlyList<byte[]> Received
    {
        get
        {
            lock (_lock)
                return [.. _received];
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="answer">The reply to a datagram, null for none; it must not throw. By default, null, it is the datagram itself.</param>
    /// <param name="endPoint">Where it is bound; by default, null, any free port of 127.0.0.1.</param>
    public static LoopbackUDPServer Start(Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>? answer = null, IPEndPoint? endPoint = null) =>
        new(answer ?? (static datagram => datagram), endPoint ?? new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Does something to the next replies, one fault each, in the order in which they were injected.</summary>
    /// <param name="fault">What.</param>
    public void Inject(DatagramFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_lock)
            _faults.Add((fault, fault.Times ?? int.MaxValue));
    }

    /// <summary>Closes it: what is sent to it from now on comes back as unreachable.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _elsewhere.Dispose();
        await _receiving.ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[ushort.MaxValue + 1];
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var datagram = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
                var bytes = buffer[..datagram.ReceivedBytes];
                lock (_lock)
                    _received.Add(bytes);
                if (_answer(bytes) is { } reply)
                    await ReplyAsync(reply.ToArray(), datagram.RemoteEndPoint).ConfigureAwait(false);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // A client is gone; the next one may not be.
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ReplyAsync(byte[] reply, EndPoint to)
    {
        var fault = NextFault();
        if (fault == DatagramFault.Reorder.Name)
        {
            _held = (reply, to);
            return;
        }
        if (fault == DatagramFault.Corrupt.Name && reply.Length > 0)
            reply[0] ^= 0xFF;
        if (fault == DatagramFault.Truncate.Name)
            reply = reply[..(reply.Length / 2)];
        if (fault != DatagramFault.Drop.Name)
            await (fault == DatagramFault.FromElsewhere.Name ? _elsewhere : _socket).SendToAsync(reply, SocketFlags.None, to).ConfigureAwait(false);
        if (fault == DatagramFault.Duplicate.Name)
            await _socket.SendToAsync(reply, SocketFlags.None, to).ConfigureAwait(false);
        if (_held is { } held)
        {
            _held = null;
            await _socket.SendToAsync(held.Reply, SocketFlags.None, held.To).ConfigureAwait(false);
        }
    }

    private string? NextFault()
    {
        lock (_lock)
        {
            if (_faults.Count == 0)
                return null;
            var (fault, left) = _faults[0];
            if (left == 1)
                _faults.RemoveAt(0);
            else if (left != int.MaxValue)
                _faults[0] = (fault, left - 1);
            return fault.Name;
        }
    }
}
