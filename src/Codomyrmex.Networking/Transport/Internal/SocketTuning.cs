using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

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
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(idle));
        }
        if (UserTimeout is { } patience && OperatingSystem.IsLinux())
        {
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, Milliseconds(patience));
            socket.SetRawSocketOption(LinuxTcp.Level, LinuxTcp.UserTimeout, milliseconds);
        }
    }

    /// <inheritdoc cref="Apply(Socket)"/>
    public void Apply(StreamSocket socket)
    {
        ApplyBuffers(socket);
        if (NoDelay)
            socket.Set(LinuxTcp.Level, LinuxTcp.NoDelay, 1);
        if (KeepAlive is { } idle)
        {
            socket.Set(LinuxTcp.SocketLevel, LinuxTcp.KeepAlive, 1);
            socket.Set(LinuxTcp.Level, LinuxTcp.KeepAliveTime, Seconds(idle));
        }
        if (UserTimeout is { } patience)
            socket.Set(LinuxTcp.Level, LinuxTcp.UserTimeout, Milliseconds(patience));
    }

    public void ApplyBuffers(Socket socket)
    {
        if (ReceiveBuffer is { } receive)
            socket.ReceiveBufferSize = receive;
        if (SendBuffer is { } send)
            socket.SendBufferSize = send;
    }

    public void ApplyBuffers(StreamSocket socket)
    {
        if (ReceiveBuffer is { } receive)
            socket.Set(LinuxTcp.SocketLevel, LinuxTcp.ReceiveBuffer, receive);
        if (SendBuffer is { } send)
            socket.Set(LinuxTcp.SocketLevel, LinuxTcp.SendBuffer, send);
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);

    private static int Milliseconds(TimeSpan time) => (int)time.TotalMilliseconds;

    // The numbers of linux/tcp.h and asm-generic/socket.h.
    private static class LinuxTcp
    {
        public const int SocketLevel = 1, SendBuffer = 7, ReceiveBuffer = 8, KeepAlive = 9;
        public const int Level = 6, NoDelay = 1, KeepAliveTime = 4, UserTimeout = 18;
    }
}
