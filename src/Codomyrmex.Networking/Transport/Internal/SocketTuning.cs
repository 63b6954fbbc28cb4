using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The settings of a TCP socket, for connections that go out and those that come in.</summary>
internal readonly record struct SocketTuning(bool NoDelay, TimeSpan? KeepAlive, TimeSpan? UserTimeout, int? ReceiveBuffer, int? SendBuffer)
{
    public static SocketTuning Of(TransportOptions options) =>
        new(options.NoDelay, options.KeepAlive, options.UserTimeout, options.ReceiveBufferSize, options.SendBufferSize);

    /// <summary>Applies them. Buffer sizes before the connection is made, since they decide on the window it offers (RFC 7323, section 2.2).</summary>
    public void Apply(Socket socket)
    {
        ApplyBuffers(socket);
        if (NoDelay)
            socket.NoDelay = true;
        if (KeepAlive is { } idle)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, (int)idle.TotalSeconds));
        }
        if (UserTimeout is { } patience && OperatingSystem.IsLinux())
        {
            const int TcpUserTimeout = 18; // linux/tcp.h; milliseconds
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, (int)patience.TotalMilliseconds);
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, milliseconds);
        }
    }

    public void ApplyBuffers(Socket socket)
    {
        if (ReceiveBuffer is { } receive)
            socket.ReceiveBufferSize = receive;
        if (SendBuffer is { } send)
            socket.SendBufferSize = send;
    }
}
