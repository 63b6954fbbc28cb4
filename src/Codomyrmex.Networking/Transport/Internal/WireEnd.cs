using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The lowest stream of a connection, beneath TLS and whatever else: what a socket can do and a stream cannot. Over a stream that is no
/// socket it does what that stream lets it do.
/// </summary>
internal sealed class WireEnd(Stream stream)
{
    private readonly Socket? _socket = SocketOf(stream);

    public Stream Stream => stream;

    public EndPoint? Local => Ask(_socket, static socket => socket.LocalEndPoint);

    /// <summary>The peer, asked for at once: a connection that the peer has reset meanwhile does not know it any more.</summary>
    public EndPoint? Remote { get; } = Ask(SocketOf(stream), static socket => socket.RemoteEndPoint);

    /// <summary>Bytes that have arrived and were not read yet.</summary>
    public int Available => Ask(_socket, static socket => socket.Available);

    /// <summary>Whether this side can be ended while the other stays open.</summary>
    public bool CanEndSending => _socket is not null || stream is IHalfClosable;

    /// <summary>Ends this side (FIN, RFC 9293, section 3.6) and leaves the peer's open.</summary>
    public void EndSending()
    {
        if (_socket is not null)
            _socket.Shutdown(SocketShutdown.Send);
        else
            (stream as IHalfClosable)?.EndSending();
    }

    /// <summary>Breaks the connection off (RST): whatever is under way on it fails. Safe to call at any time and from any thread.</summary>
    public void Abort()
    {
        // Not the stream where there is a socket: that would end our side with a FIN first.
        if (_socket is not null)
            _socket.Close(0);
        else
            stream.Dispose();
    }

    private static Socket? SocketOf(Stream stream) => (stream as NetworkStream)?.Socket;

    // A connection that was closed meanwhile has neither addresses nor bytes.
    private static T? Ask<T>(Socket? socket, Func<Socket, T> question)
    {
        try
        {
            return socket is null ? default : question(socket);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return default;
        }
    }
}
