using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The lowest stream of a connection, beneath TLS and whatever else: what a socket can do and a stream cannot. Over a stream that is no
/// socket it does what that stream lets it do.
/// </summary>
internal sealed class WireEnd
{
    private readonly ISocketEnd? _socket;

    public WireEnd(Stream stream)
    {
        Stream = stream;
        _socket = stream as ISocketEnd ?? (stream is NetworkStream platform ? new PlatformSocketEnd(platform.Socket) : null);
        Remote = _socket?.Remote;
    }

    public Stream Stream { get; }

    public EndPoint? Local => _socket?.Local;

    /// <summary>The peer, asked for at once: a connection that the peer has reset meanwhile does not know it any more.</summary>
    public EndPoint? Remote { get; }

    /// <summary>Whether it is a socket, which knows what has arrived.</summary>
    public bool IsSocket => _socket is not null;

    /// <summary>Bytes that have arrived and were not read yet; 0 where nobody can say.</summary>
    public int Available => _socket?.Available ?? 0;

    /// <summary>Whether the system has given the connection up, and nothing is under way on it any more; false where nobody can say.</summary>
    public bool IsGivenUp => _socket?.State == TcpState.Closed;

    /// <summary>Whether this side has ended, and the peer's system may not have everything that was sent; false where nobody can say.</summary>
    public bool IsUnacknowledged => _socket?.State is TcpState.FinWait1 or TcpState.Closing;

    /// <summary>Whether this side can be ended while the other stays open.</summary>
    public bool CanEndSending => _socket is not null || Stream is IHalfClosable;

    /// <summary>Runs something where connections are served: not on the caller's thread, which may have others to look after.</summary>
    public void Begin(Action<object?> action, object? state)
    {
        if (Stream is LoopStream looped)
            looped.Begin(action, state);
        else
            ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
    }

    /// <summary>Ends this side (FIN, RFC 9293, section 3.6) and leaves the peer's open.</summary>
    public void EndSending()
    {
        if (_socket is not null)
            _socket.EndSending();
        else
            (Stream as IHalfClosable)?.EndSending();
    }

    /// <summary>Breaks the connection off (RST): whatever is under way on it fails. Safe to call at any time and from any thread.</summary>
    public void Abort()
    {
        if (_socket is not null)
            _socket.Abort();
        else
            Stream.Dispose();
    }
}
