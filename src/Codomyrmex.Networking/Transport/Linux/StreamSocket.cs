using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>
/// A socket by the kernel's own calls, none of which waits. The platform's socket would be looked after by the platform's own loop from its
/// first asynchronous call on. Thread-safe; a call under way keeps the descriptor from being given to somebody else.
/// </summary>
internal sealed class StreamSocket : SafeHandle
{
    /// <summary>What a call returns that would have to wait.</summary>
    public const int WouldBlock = -LinuxError.TryAgain;

    private const int Nothing = -1;
    private const nuint BytesToRead = 0x541B; // FIONREAD
    private const int MaxAddressBytes = 128; // sockaddr_storage

    public StreamSocket() : base(Nothing, ownsHandle: true)
    {
    }

    private StreamSocket(nint descriptor) : this() => SetHandle(descriptor);

    public override bool IsInvalid => handle == Nothing;

    public EndPoint? Local => Address(Libc.GetSockName);

    public EndPoint? Remote => Address(Libc.GetPeerName);

    /// <summary>Bytes that have arrived and were not read yet.</summary>
    public int Available
    {
        get
        {
            var count = 0;
            try
            {
                return Libc.IoCtl(this, BytesToRead, ref count) < 0 ? 0 : count;
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <summary>The state of a TCP connection.</summary>
    public TcpState State
    {
        get
        {
            int facts = 0, size = sizeof(int);
            try
            {
                return Libc.GetSockOpt(this, SocketNumber.LevelTcp, SocketNumber.TcpInfo, ref facts, ref size) == 0 ? (TcpState)(byte)facts : TcpState.Unknown;
            }
            catch (ObjectDisposedException)
            {
                return TcpState.Unknown;
            }
        }
    }

    /// <summary>Opens one, not bound and not connected.</summary>
    /// <exception cref="SocketException">There is none to be had.</exception>
    public static StreamSocket Open(AddressFamily family)
    {
        var descriptor = Libc.Socket(Family(family), SocketNumber.Stream | SocketNumber.OfOurs, 0);
        return descriptor < 0 ? throw LinuxError.ToException(LinuxError.Last) : new StreamSocket(descriptor);
    }

    /// <summary>The next connection that waits at a socket that listens; null where none does.</summary>
    /// <exception cref="SocketException">It could not be taken.</exception>
    public static StreamSocket? Accept(SafeHandle listener, out EndPoint? remote)
    {
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        while (true)
        {
            var length = address.Length;
            var descriptor = Libc.Accept(listener, ref MemoryMarshal.GetReference(address), ref length, SocketNumber.OfOurs);
            if (descriptor >= 0)
            {
                remote = Read(address[..Math.Min(length, MaxAddressBytes)]);
                return new StreamSocket(descriptor);
            }
            var error = LinuxError.Last;
            if (error == LinuxError.Interrupted)
                continue;
            remote = null;
            return error == LinuxError.TryAgain ? null : throw LinuxError.ToException(error);
        }
    }

    /// <summary>Begins to connect; true where it is done already.</summary>
    public bool Connect(EndPoint remote)
    {
        var address = remote.Serialize();
        if (Libc.Connect(this, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size) == 0)
            return true;
        var error = LinuxError.Last;
        // A Unix-domain socket whose queue is full says TryAgain, and can be asked again only by a new call.
        return error is LinuxError.InProgress or LinuxError.Interrupted ? false : throw LinuxError.ToException(error == LinuxError.TryAgain ? LinuxError.ConnectionRefused : error);
    }

    /// <summary>Throws what a connection attempt came to, where it came to nothing.</summary>
    public void ThrowIfNotConnected()
    {
        if (Get(SocketNumber.LevelSocket, SocketNumber.Error) is not 0 and var error)
            throw LinuxError.ToException(error);
    }

    public void Bind(EndPoint local)
    {
        var address = local.Serialize();
        if (Libc.Bind(this, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size) < 0)
            throw LinuxError.ToException(LinuxError.Last);
    }

    /// <summary>Sets an option that is one number, by the system's own numbers.</summary>
    public void Set(int level, int option, int value)
    {
        if (Libc.SetSockOpt(this, level, option, in Unsafe.As<int, byte>(ref value), sizeof(int)) < 0)
            throw LinuxError.ToException(LinuxError.Last);
    }

    /// <summary>An option that is one number.</summary>
    public int Get(int level, int option)
    {
        int value = 0, size = sizeof(int);
        return Libc.GetSockOpt(this, level, option, ref value, ref size) < 0 ? throw LinuxError.ToException(LinuxError.Last) : value;
    }

    /// <summary>Bytes received, 0 at the end of the stream, or an error of the kernel's as a negative number.</summary>
    public int Receive(Span<byte> buffer, bool peek = false)
    {
        nint count;
        do
        {
            count = Libc.Recv(this, ref MemoryMarshal.GetReference(buffer), buffer.Length, peek ? MessageFlag.Peek : 0);
        }
        while (count < 0 && LinuxError.Last == LinuxError.Interrupted);
        return count < 0 ? -LinuxError.Last : (int)count;
    }

    /// <summary>Bytes that the kernel took, or an error of its as a negative number.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        nint count;
        do
        {
            count = Libc.Send(this, ref MemoryMarshal.GetReference(bytes), bytes.Length, MessageFlag.NoSignal);
        }
        while (count < 0 && LinuxError.Last == LinuxError.Interrupted);
        return count < 0 ? -LinuxError.Last : (int)count;
    }

    public void EndSending()
    {
        if (Libc.Shutdown(this, 1) < 0)
            throw LinuxError.ToException(LinuxError.Last);
    }

    /// <summary>Lets the close that follows send an RST.</summary>
    public void CloseByReset()
    {
        var linger = 1L; // on, for no time
        _ = Libc.SetSockOpt(this, SocketNumber.LevelSocket, SocketNumber.Linger, in Unsafe.As<long, byte>(ref linger), sizeof(long));
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    private delegate int AddressQuestion(SafeHandle socket, ref byte address, ref int length);

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
        SocketNumber.IPv4 when address.Length >= 8 => new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..])),
        SocketNumber.IPv6 when address.Length >= 28 =>
            new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), BinaryPrimitives.ReadUInt16BigEndian(address[2..])),
        SocketNumber.Unix => new UnixDomainSocketEndPoint(Path(address[sizeof(ushort)..])),
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
        AddressFamily.Unix => SocketNumber.Unix,
        AddressFamily.InterNetwork => SocketNumber.IPv4,
        AddressFamily.InterNetworkV6 => SocketNumber.IPv6,
        _ => throw new SocketException((int)SocketError.AddressFamilyNotSupported),
    };
}
