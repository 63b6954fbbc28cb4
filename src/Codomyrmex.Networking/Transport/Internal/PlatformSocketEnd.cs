using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The end of a connection whose socket the platform looks after.</summary>
internal sealed class PlatformSocketEnd(Socket socket) : ISocketEnd
{
    public EndPoint? Local => Ask(static socket => socket.LocalEndPoint);

    public EndPoint? Remote => Ask(static socket => socket.RemoteEndPoint);

    public int Available => Ask(static socket => socket.Available);

    public TcpState State => Ask(static socket =>
    {
        if (!OperatingSystem.IsLinux())
            return TcpState.Unknown;
        Span<byte> facts = stackalloc byte[sizeof(int)];
        return socket.GetRawSocketOption(SocketNumber.LevelTcp, SocketNumber.TcpInfo, facts) > 0 ? (TcpState)facts[0] : TcpState.Unknown;
    });

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    // Not the stream: that would end our side with a FIN first.
    public void Abort() => socket.Close(0);

    // A connection that was closed meanwhile has neither addresses nor bytes.
    private T? Ask<T>(Func<Socket, T> question)
    {
        try
        {
            return question(socket);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return default;
        }
    }
}
