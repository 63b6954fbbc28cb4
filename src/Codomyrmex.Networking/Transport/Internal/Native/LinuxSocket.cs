using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Internal.Native;

/// <summary>
/// Linux's socket calls without the platform's socket around them, for probes by the ten thousand: the platform's would register each descriptor
/// with its own epoll and cannot connect one a second time. Only on x86-64 and arm64, whose constants these are.
/// </summary>
internal static class LinuxSocket
{
    public const int IPv4 = 2; // AF_INET
    public const int IPv6 = 10; // AF_INET6

    private const int StreamType = 1;
    private const int DatagramType = 2;
    private const int RawType = 3;
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // SOCK_NONBLOCK | SOCK_CLOEXEC
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>Whether the constants in here are this system's.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && BitConverter.IsLittleEndian && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    // An address of no family: connecting to it takes a connection back.
    private static readonly byte[] Nowhere = new byte[16];

    /// <summary>A socket that never blocks; below zero where there is none to be had.</summary>
    public static int Stream(int family) => Open(family, StreamType | NonBlockingCloseOnExec, 0);

    public static int Datagram(int family, int protocol = 0) => Open(family, DatagramType | NonBlockingCloseOnExec, protocol);

    /// <summary>A socket for packets written by hand; below zero without the privilege.</summary>
    public static int Raw(int family, int protocol) => Open(family, RawType | NonBlockingCloseOnExec, protocol);

    /// <summary>Begins to connect, or asks what became of a connect. Zero, or the error's number.</summary>
    public static int Connect(int descriptor, ReadOnlySpan<byte> address) =>
        Connect(descriptor, in MemoryMarshal.GetReference(address), address.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Takes a connection, or the wish for one, back: one that stood is ended by a reset (RFC 9293, section 3.10.7.4), and the descriptor can connect again.
    /// </summary>
    public static bool TryDisconnect(int descriptor) => Connect(descriptor, in Nowhere[0], Nowhere.Length) == 0;

    public static bool TryBind(int descriptor, ReadOnlySpan<byte> address) => Bind(descriptor, in MemoryMarshal.GetReference(address), address.Length) == 0;

    public static bool TrySet(int descriptor, int level, int name, int value) => SetOption(descriptor, level, name, in value, sizeof(int)) == 0;

    public static bool TrySet(int descriptor, int level, int name, ReadOnlySpan<byte> value) =>
        SetOptionBytes(descriptor, level, name, in MemoryMarshal.GetReference(value), value.Length) == 0;

    /// <summary>The local address, into a buffer; its length, or zero.</summary>
    public static int LocalAddress(int descriptor, Span<byte> address)
    {
        var length = address.Length;
        return GetName(descriptor, ref MemoryMarshal.GetReference(address), ref length) == 0 ? length : 0;
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        var sent = (int)Send(descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length, 0);
        return sent >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    public static int SendTo(int descriptor, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> address)
    {
        var sent = (int)SendTo(descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length, 0, in MemoryMarshal.GetReference(address), address.Length);
        return sent >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>What has come, into a buffer: its length; below zero for the negative of the error's number.</summary>
    public static int Receive(int descriptor, Span<byte> bytes)
    {
        var received = (int)Receive(descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, 0);
        return received >= 0 ? received : -Marshal.GetLastPInvokeError();
    }

    /// <summary>The same, with the sender's address.</summary>
    public static int ReceiveFrom(int descriptor, Span<byte> bytes, Span<byte> address)
    {
        var length = address.Length;
        var received = (int)ReceiveFrom(descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, 0, ref MemoryMarshal.GetReference(address), ref length);
        return received >= 0 ? received : -Marshal.GetLastPInvokeError();
    }

    /// <summary>The limit of open files of this process.</summary>
    public static long DescriptorLimit()
    {
        Span<ulong> limits = stackalloc ulong[2];
        return GetLimit(OpenFiles, ref limits[0]) == 0 ? (long)Math.Min(limits[0], long.MaxValue) : 1024;
    }

    public static NetworkException Failure(string call) => new NetworkFailure
    {
        Code = Marshal.GetLastPInvokeError() is LinuxError.TooManyOpen or LinuxError.TooManyOpenInSystem ? ErrorCodes.LocalDescriptors : ErrorCodes.LocalAddress,
        Message = $"The system refused {call}: error {Marshal.GetLastPInvokeError()}.",
        Phase = NetworkPhase.Connect,
    }.ToException();

    [DllImport("libc", EntryPoint = "close")]
    public static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static extern nint ReceiveMessage(int descriptor, nint message, int flags);

    [DllImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static extern int SendMessages(int descriptor, nint messages, uint count, int flags);

    [DllImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static extern int ReceiveMessages(int descriptor, nint messages, uint count, int flags, nint timeout);

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int Open(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static extern int Connect(int descriptor, in byte address, int length);

    [DllImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static extern int Bind(int descriptor, in byte address, int length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static extern int SetOption(int descriptor, int level, int name, in int value, int length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static extern int SetOptionBytes(int descriptor, int level, int name, in byte value, int length);

    [DllImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static extern int GetName(int descriptor, ref byte address, ref int length);

    [DllImport("libc", EntryPoint = "send", SetLastError = true)]
    private static extern nint Send(int descriptor, in byte bytes, nint length, int flags);

    [DllImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static extern nint SendTo(int descriptor, in byte bytes, nint length, int flags, in byte address, int addressLength);

    [DllImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static extern nint Receive(int descriptor, ref byte bytes, nint length, int flags);

    [DllImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static extern nint ReceiveFrom(int descriptor, ref byte bytes, nint length, int flags, ref byte address, ref int addressLength);

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static extern int GetLimit(int resource, ref ulong limits);
}
