using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Internal.Native;

/// <summary>The system calls of Linux for datagrams that the platform does not bring: many at a time, cut up by the kernel, and the queue of errors.</summary>
internal static partial class LinuxDatagrams
{
    /// <summary>Level and type of the control message that cuts what is sent (UDP_SEGMENT), or says how what was received is to be cut (UDP_GRO); linux/udp.h.</summary>
    public const int LevelUdp = 17;
    public const int Segment = 103;
    public const int Coalesce = 104;

    /// <summary>Do not wait (MSG_DONTWAIT).</summary>
    public const int DontWait = 0x40;

    /// <summary>Say how long a datagram was, even where the buffer is shorter (MSG_TRUNC); of what was received, that it was.</summary>
    public const int Truncated = 0x20;

    /// <summary>From the queue of errors (MSG_ERRQUEUE).</summary>
    public const int ErrorQueue = 0x2000;

    // errno.h
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int BadAddress = 14;
    public const int InvalidArgument = 22;
    public const int InputOutput = 5;
    public const int NoProtocolOption = 92;

    /// <summary>Whether they can be called here: the layouts below are those of 64-bit Linux.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && nint.Size == 8;

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(SafeHandle socket, ref BatchEntry first, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, ref BatchEntry first, uint count, int flags, nint timeout);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, ref MessageHeader message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, ref MessageHeader message, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(SafeHandle socket, ref byte buffer, nuint length, int flags, ref byte address, ref uint addressLength);

    /// <summary>A piece of memory (struct iovec).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public nint Address;
        public nuint Length;
    }

    /// <summary>A message with its peer, its pieces and its control messages (struct msghdr).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Pieces;
        public nuint PieceCount;
        public nint Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>A message among many, and how long it was (struct mmsghdr).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct BatchEntry
    {
        public MessageHeader Header;
        public uint Length;
    }
}
