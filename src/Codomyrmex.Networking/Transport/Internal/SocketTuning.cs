using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The settings of a TCP socket, for connections that go out and those that come in.</summary>
internal readonly record struct SocketTuning(bool NoDelay, TimeSpan? KeepAlive, TimeSpan? UserTimeout, int? ReceiveBuffer, int? SendBuffer)
{
    // What the kernel of Linux takes for an idle time (MAX_TCP_KEEPIDLE).
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromSeconds(32_767);

    public static SocketTuning Of(TransportOptions options) =>
        new(options.NoDelay, options.KeepAlive, options.UserTimeout, options.ReceiveBufferSize, options.SendBufferSize);

    /// <summary>Throws where the system would not take them.</summary>
    /// <param name="owner">Whose properties they are.</param>
    public void Validate(string owner)
    {
        if (KeepAlive is { } idle && (idle < TimeSpan.FromSeconds(1) || idle > LongestKeepAlive))
            throw new ArgumentOutOfRangeException($"{owner}.KeepAlive", idle, "The idle time before keep-alive probes lies between 1 and 32,767 seconds; null sends none.");
        if (UserTimeout is { } patience && (patience < TimeSpan.FromMilliseconds(1) || patience.TotalMilliseconds > int.MaxValue))
            throw new ArgumentOutOfRangeException($"{owner}.UserTimeout", patience, "The time for an acknowledgement lies between 1 millisecond and 24 days; null leaves it to the system.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReceiveBuffer ?? 1, $"{owner}.ReceiveBufferSize");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SendBuffer ?? 1, $"{owner}.SendBufferSize");
    }

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

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private static int Milliseconds(TimeSpan time) => (int)time.TotalMilliseconds;

    // The numbers of linux/tcp.h and asm-generic/socket.h.
    private static class LinuxTcp
    {
        public const int SocketLevel = 1, SendBuffer = 7, ReceiveBuffer = 8, KeepAlive = 9;
        public const int Level = 6, NoDelay = 1, KeepAliveTime = 4, UserTimeout = 18;
    }
}
