using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// A socket by the kernel's own calls, none of which waits. The platform's socket would be looked after by the platform's own loop from its
/// first asynchronous call on. Thread-safe; a call under way keeps the descriptor from being given to somebody else.
/// </summary>
internal sealed partial class StreamSocket : SafeHandle
{
    /// <summary>What a call returns that would have to wait.</summary>
    public const int WouldBlock = -Error.TryAgain;

    private const int Nothing = -1;
    private const int MaxAddressBytes = 128; // sockaddr_storage

    public StreamSocket() : base(Nothing, ownsHandle: true)
    {
    }

    private StreamSocket(nint descriptor) : this() => SetHandle(descriptor);

    public override bool IsInvalid => handle == Nothing;

    public EndPoint? Local => Address(GetLocal);

    public EndPoint? Remote => Address(GetRemote);

    /// <summary>Bytes that have arrived and were not read yet.</summary>
    public int Available
    {
        get
        {
            var count = 0;
            try
            {
                return IoControl(this, Request.BytesToRead, ref count) < 0 ? 0 : count;
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <summary>Opens one, not bound and not connected.</summary>
    /// <exception cref="SocketException">There is none to be had.</exception>
    public static StreamSocket Open(AddressFamily family)
    {
        var descriptor = OpenSocket(Family(family), Kind.Stream | Kind.NonBlocking | Kind.CloseOnExec, 0);
        return descriptor < 0 ? throw Failure(Error.Last) : new StreamSocket(descriptor);
    }

    /// <summary>The next connection that waits at a socket that listens; null where none does.</summary>
    /// <exception cref="SocketException">It could not be taken.</exception>
    public static StreamSocket? Accept(SafeHandle listener, out EndPoint? remote)
    {
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        while (true)
        {
            var length = address.Length;
            var descriptor = AcceptSocket(listener, ref MemoryMarshal.GetReference(address), ref length, Kind.NonBlocking | Kind.CloseOnExec);
            if (descriptor >= 0)
            {
                remote = Read(address[..Math.Min(length, MaxAddressBytes)]);
                return new StreamSocket(descriptor);
            }
            var error = Error.Last;
            if (error == Error.Interrupted)
                continue;
            remote = null;
            return error == Error.TryAgain ? null : throw Failure(error);
        }
    }

    /// <summary>Begins to connect; true where it is done already.</summary>
    public bool Connect(EndPoint remote)
    {
        var address = remote.Serialize();
        if (ConnectSocket(this, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size) == 0)
            return true;
        var error = Error.Last;
        // A Unix-domain socket whose queue is full says TryAgain, and can be asked again only by a new call.
        return error is Error.InProgress or Error.Interrupted ? false : throw Failure(error == Error.TryAgain ? Error.Refused : error);
    }

    /// <summary>Throws what a connection attempt came to, where it came to nothing.</summary>
    public void ThrowIfNotConnected()
    {
        if (Get(Level.Socket, Option.Error) is not 0 and var error)
            throw Failure(error);
    }

    public void Bind(EndPoint local)
    {
        var address = local.Serialize();
        if (BindSocket(this, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size) < 0)
            throw Failure(Error.Last);
    }

    /// <summary>Sets an option that is one number, by the system's own numbers.</summary>
    public void Set(int level, int option, int value)
    {
        if (SetOption(this, level, option, ref value, sizeof(int)) < 0)
            throw Failure(Error.Last);
    }

    /// <summary>An option that is one number.</summary>
    public int Get(int level, int option)
    {
        int value = 0, size = sizeof(int);
        return GetOption(this, level, option, ref value, ref size) < 0 ? throw Failure(Error.Last) : value;
    }

    /// <summary>Bytes received, 0 at the end of the stream, or an error of the kernel's as a negative number.</summary>
    public int Receive(Span<byte> buffer, bool peek = false)
    {
        nint count;
        do
        {
            count = ReceiveBytes(this, ref MemoryMarshal.GetReference(buffer), buffer.Length, peek ? Flag.Peek : 0);
        }
        while (count < 0 && Error.Last == Error.Interrupted);
        return count < 0 ? -Error.Last : (int)count;
    }

    /// <summary>Bytes that the kernel took, or an error of its as a negative number.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        nint count;
        do
        {
            count = SendBytes(this, ref MemoryMarshal.GetReference(bytes), bytes.Length, Flag.NoSignal);
        }
        while (count < 0 && Error.Last == Error.Interrupted);
        return count < 0 ? -Error.Last : (int)count;
    }

    public void EndSending()
    {
        if (Shutdown(this, 1) < 0)
            throw Failure(Error.Last);
    }

    /// <summary>Lets the close that follows send an RST.</summary>
    public void CloseByReset()
    {
        var linger = 1L; // on, for no time
        _ = SetLinger(this, Level.Socket, Option.Linger, ref linger, sizeof(long));
    }

    /// <summary>The platform's exception for an error of the kernel's.</summary>
    public static SocketException Failure(int error) => new((int)(error switch
    {
        Error.AccessDenied or Error.NotPermitted => SocketError.AccessDenied,
        Error.NoDescriptors or Error.NoDescriptorsInSystem => SocketError.TooManyOpenSockets,
        Error.BrokenPipe => SocketError.Shutdown,
        Error.NoBuffers or Error.NoMemory => SocketError.NoBufferSpaceAvailable,
        Error.InvalidArgument => SocketError.InvalidArgument,
        Error.AddressInUse => SocketError.AddressAlreadyInUse,
        Error.AddressNotAvailable or Error.NoFile => SocketError.AddressNotAvailable,
        Error.FamilyNotSupported => SocketError.AddressFamilyNotSupported,
        Error.NetworkDown => SocketError.NetworkDown,
        Error.NetworkUnreachable => SocketError.NetworkUnreachable,
        Error.NetworkReset => SocketError.NetworkReset,
        Error.Aborted => SocketError.ConnectionAborted,
        Error.Reset => SocketError.ConnectionReset,
        Error.NotConnected => SocketError.NotConnected,
        Error.TimedOut => SocketError.TimedOut,
        Error.Refused => SocketError.ConnectionRefused,
        Error.HostDown => SocketError.HostDown,
        Error.HostUnreachable => SocketError.HostUnreachable,
        Error.Cancelled => SocketError.OperationAborted,
        _ => SocketError.SocketError,
    }));

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    private delegate int AddressQuestion(StreamSocket socket, ref byte address, ref int length);

    private EndPoint? Address(AddressQuestion question)
    {
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        var length = address.Length;
        try
        {
            return question(this, ref MemoryMarshal.GetReference(address), ref length) < 0 ? null : Read(address[..Math.Min(length, MaxAddressBytes)]);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private static EndPoint? Read(ReadOnlySpan<byte> address) => address.Length < sizeof(ushort) ? null : MemoryMarshal.Read<ushort>(address) switch
    {
        2 when address.Length >= 8 => new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..])),
        10 when address.Length >= 28 =>
            new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), BinaryPrimitives.ReadUInt16BigEndian(address[2..])),
        1 => new UnixDomainSocketEndPoint(Path(address[sizeof(ushort)..])),
        _ => null,
    };

    // Who connects to a Unix-domain socket has no name as a rule.
    private static string Path(ReadOnlySpan<byte> name)
    {
        var end = name.IndexOf((byte)0);
        var path = System.Text.Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
        return path.Length == 0 ? "\0" : path;
    }

    private static int Family(AddressFamily family) => family switch
    {
        AddressFamily.Unix => 1,
        AddressFamily.InterNetwork => 2,
        AddressFamily.InterNetworkV6 => 10,
        _ => throw new SocketException((int)SocketError.AddressFamilyNotSupported),
    };

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int AcceptSocket(SafeHandle listener, ref byte address, ref int length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int ConnectSocket(StreamSocket socket, ref byte address, int length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindSocket(StreamSocket socket, ref byte address, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveBytes(StreamSocket socket, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendBytes(StreamSocket socket, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetLocal(StreamSocket socket, ref byte address, ref int length);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    private static partial int GetRemote(StreamSocket socket, ref byte address, ref int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(StreamSocket socket, int level, int option, ref int value, ref int size);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(StreamSocket socket, int level, int option, ref int value, int size);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetLinger(StreamSocket socket, int level, int option, ref long value, int size);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(StreamSocket socket, int how);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(StreamSocket socket, nuint request, ref int value);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    // The numbers of linux/*.h, the same on x64 and arm64.
    private static class Kind
    {
        public const int Stream = 1, NonBlocking = 0x800, CloseOnExec = 0x80000;
    }

    private static class Flag
    {
        public const int Peek = 0x2, NoSignal = 0x4000;
    }

    private static class Level
    {
        public const int Socket = 1;
    }

    private static class Option
    {
        public const int Error = 4, Linger = 13;
    }

    private static class Request
    {
        public const nuint BytesToRead = 0x541B;
    }

    private static class Error
    {
        public const int NotPermitted = 1, NoFile = 2, Interrupted = 4, TryAgain = 11, NoMemory = 12, AccessDenied = 13, InvalidArgument = 22,
            NoDescriptorsInSystem = 23, NoDescriptors = 24, BrokenPipe = 32, FamilyNotSupported = 97, AddressInUse = 98, AddressNotAvailable = 99,
            NetworkDown = 100, NetworkUnreachable = 101, NetworkReset = 102, Aborted = 103, Reset = 104, NoBuffers = 105, NotConnected = 107,
            TimedOut = 110, Refused = 111, HostDown = 112, HostUnreachable = 113, InProgress = 115, Cancelled = 125;

        public static int Last => Marshal.GetLastPInvokeError();
    }
}
