using System.Net.Security;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The client's side of one proxied connection.</summary>
internal sealed class ProxyClient(LoopbackProxy proxy, Socket socket, Stream stream, int number, CancellationToken stopping)
{
    private byte[] _buffer = new byte[8192];
    private int _start, _end;

    public LoopbackProxy Proxy => proxy;

    public int Number => number;

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    public void Skip(int count) => _start += count;

    public async ValueTask<bool> FillAsync()
    {
        if (_end == _buffer.Length)
        {
            if (_start == 0)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            else
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), stopping).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    /// <summary>Exactly so many bytes.</summary>
    public async ValueTask<byte[]> TakeAsync(int count)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync().ConfigureAwait(false))
                throw new EndOfStreamException("The client ended within its request.");
        }
        var taken = Unread[..count].ToArray();
        _start += count;
        return taken;
    }

    /// <summary>The bytes up to a zero, which is taken too.</summary>
    public async ValueTask<byte[]> TakeToZeroAsync()
    {
        int at;
        while ((at = Unread.IndexOf((byte)0)) < 0)
        {
            if (_end - _start > 4096 || !await FillAsync().ConfigureAwait(false))
                throw new EndOfStreamException("The client ended within its request.");
        }
        var taken = Unread[..at].ToArray();
        _start += at + 1;
        return taken;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes, stopping);

    /// <summary>Connects to a loopback address; null where it cannot.</summary>
    public async ValueTask<Socket?> ConnectAsync(string host, int port)
    {
        if (proxy.Resolve(host) is not { } address)
            return null;
        var upstream = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await upstream.ConnectAsync(address, port, stopping).ConfigureAwait(false);
            return upstream;
        }
        catch (SocketException)
        {
            upstream.Dispose();
            return null;
        }
        catch
        {
            upstream.Dispose();
            throw;
        }
    }

    /// <summary>Carries bytes both ways until both sides ended, or, where only one answer is due, until the upstream ended.</summary>
    public async Task RelayAsync(Socket upstream, bool oneAnswer)
    {
        using var server = new NetworkStream(upstream, ownsSocket: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var outward = OutwardAsync(server, upstream, stop.Token);
        try
        {
            await server.CopyToAsync(stream, stop.Token).ConfigureAwait(false);
            if (stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            if (!oneAnswer)
                await outward.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await outward.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Plays the decision where it is not to forward; false where it is.</summary>
    public async ValueTask<bool> PlayAsync(ProxyDecision decision, ReadOnlyMemory<byte> refusal)
    {
        switch (decision.Action)
        {
            case ProxyAction.Refuse:
                await SendAsync(refusal).ConfigureAwait(false);
                await EndAsync().ConfigureAwait(false);
                return true;
            case ProxyAction.Garbage:
                await SendAsync("\u0001 what is a proxy? \r\n\r\n"u8.ToArray()).ConfigureAwait(false);
                await EndAsync().ConfigureAwait(false);
                return true;
            case ProxyAction.Stall:
                await SwallowAsync().ConfigureAwait(false);
                return true;
            case ProxyAction.Close:
                return true;
            default:
                return false;
        }
    }

    /// <summary>Ends our side and reads until the client ends its own, so that no reset overtakes what was sent.</summary>
    private async Task EndAsync()
    {
        if (stream is SslStream tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
        await SwallowAsync().ConfigureAwait(false);
    }

    private async Task SwallowAsync()
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, stopping).ConfigureAwait(false) > 0)
        {
        }
    }

    private async Task OutwardAsync(Stream server, Socket upstream, CancellationToken cancellationToken)
    {
        if (_end > _start)
            await server.WriteAsync(_buffer.AsMemory(_start, _end - _start), cancellationToken).ConfigureAwait(false);
        await stream.CopyToAsync(server, cancellationToken).ConfigureAwait(false);
        upstream.Shutdown(SocketShutdown.Send);
    }
}
