using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>
/// Bare descriptors of sockets, for probes by the ten thousand: the platform's sockets would each be registered with its own epoll and cannot connect
/// a second time. None of the calls waits.
/// </summary>
internal static class LinuxSocket
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    // An address of no family: connecting to it takes a connection back.
    private static readonly byte[] Nowhere = new byte[16];

    /// <summary>A socket; below zero where there is none to be had.</summary>
    public static int Stream(int family) => Libc.Socket(family, SocketNumber.Stream | SocketNumber.OfOurs, 0);

    public static int Datagram(int family, int protocol = 0) => Libc.Socket(family, SocketNumber.Datagram | SocketNumber.OfOurs, protocol);

    /// <summary>A socket for packets written by hand; below zero without the privilege.</summary>
    public static int Raw(int family, int protocol) => Libc.Socket(family, SocketNumber.Raw | SocketNumber.OfOurs, protocol);

    public static void Close(int descriptor) => _ = Libc.Close(descriptor);

    /// <summary>Begins to connect, or asks what became of a connect. Zero, or the error's number.</summary>
    public static int Connect(int descriptor, ReadOnlySpan<byte> address) =>
        Libc.Connect(descriptor, in MemoryMarshal.GetReference(address), address.Length) == 0 ? 0 : LinuxError.Last;

    /// <summary>
    /// Takes a connection, or the wish for one, back: one that stood is ended by a reset (RFC 9293, section 3.10.7.4), and the descriptor can connect again.
    /// </summary>
    public static bool TryDisconnect(int descriptor) => Libc.Connect(descriptor, in Nowhere[0], Nowhere.Length) == 0;

    public static bool TryBind(int descriptor, ReadOnlySpan<byte> address) => Libc.Bind(descriptor, in MemoryMarshal.GetReference(address), address.Length) == 0;

    public static bool TrySet(int descriptor, int level, int option, int value) =>
        Libc.SetSockOpt(descriptor, level, option, in Unsafe.As<int, byte>(ref value), sizeof(int)) == 0;

    public static bool TrySet(int descriptor, int level, int option, ReadOnlySpan<byte> value) =>
        Libc.SetSockOpt(descriptor, level, option, in MemoryMarshal.GetReference(value), value.Length) == 0;

    /// <summary>The local address, into a buffer; its length, or zero.</summary>
    public static int LocalAddress(int descriptor, Span<byte> address)
    {
        var length = address.Length;
        return Libc.GetSockName(descriptor, ref MemoryMarshal.GetReference(address), ref length) == 0 ? length : 0;
    }

    /// <summary>Zero, or the error's number.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes) =>
        Libc.Send(descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length, 0) >= 0 ? 0 : LinuxError.Last;

    /// <summary>Zero, or the error's number.</summary>
    public static int SendTo(int descriptor, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> address) =>
        Libc.SendTo(descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length, 0, in MemoryMarshal.GetReference(address), address.Length) >= 0 ? 0 : LinuxError.Last;

    /// <summary>What has come, into a buffer: its length; below zero for the negative of the error's number.</summary>
    public static int Receive(int descriptor, Span<byte> bytes)
    {
        var received = (int)Libc.Recv(descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, 0);
        return received >= 0 ? received : -LinuxError.Last;
    }

    /// <summary>The limit of open files of this process.</summary>
    public static long DescriptorLimit()
    {
        Span<ulong> limits = stackalloc ulong[2];
        return Libc.GetRLimit(OpenFiles, ref limits[0]) == 0 ? (long)Math.Min(limits[0], long.MaxValue) : 1024;
    }
}
