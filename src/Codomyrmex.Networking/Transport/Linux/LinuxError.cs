using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>The numbers that failed calls leave behind (errno.h; the same on x64 and arm64), and what the platform calls them.</summary>
internal static class LinuxError
{
    public const int NotPermitted = 1; // EPERM
    public const int NoFile = 2; // ENOENT
    public const int Interrupted = 4; // EINTR
    public const int InputOutput = 5; // EIO
    public const int BadDescriptor = 9; // EBADF
    public const int TryAgain = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int AccessDenied = 13; // EACCES
    public const int InvalidArgument = 22; // EINVAL
    public const int TooManyOpenInSystem = 23; // ENFILE
    public const int TooManyOpen = 24; // EMFILE
    public const int BrokenPipe = 32; // EPIPE
    public const int NotASocket = 88; // ENOTSOCK
    public const int MessageTooLong = 90; // EMSGSIZE
    public const int NoProtocolOption = 92; // ENOPROTOOPT; also ICMP's "protocol unreachable"
    public const int FamilyNotSupported = 97; // EAFNOSUPPORT
    public const int AddressInUse = 98; // EADDRINUSE
    public const int AddressNotAvailable = 99; // EADDRNOTAVAIL: no such address, or no local port left
    public const int NetworkDown = 100; // ENETDOWN
    public const int NetworkUnreachable = 101; // ENETUNREACH
    public const int NetworkReset = 102; // ENETRESET
    public const int ConnectionAborted = 103; // ECONNABORTED
    public const int ConnectionReset = 104; // ECONNRESET
    public const int NoBuffers = 105; // ENOBUFS
    public const int IsConnected = 106; // EISCONN
    public const int NotConnected = 107; // ENOTCONN
    public const int TimedOut = 110; // ETIMEDOUT
    public const int ConnectionRefused = 111; // ECONNREFUSED
    public const int HostDown = 112; // EHOSTDOWN
    public const int HostUnreachable = 113; // EHOSTUNREACH
    public const int Already = 114; // EALREADY
    public const int InProgress = 115; // EINPROGRESS
    public const int Cancelled = 125; // ECANCELED

    /// <summary>Of this thread's last call that failed.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The platform's exception for an error.</summary>
    public static SocketException ToException(int error) => new((int)Meaning(error));

    /// <summary>What the platform calls an error.</summary>
    public static SocketError Meaning(int error) => error switch
    {
        NotPermitted or AccessDenied => SocketError.AccessDenied,
        BadDescriptor or NotASocket or Cancelled => SocketError.OperationAborted,
        NoBuffers or NoMemory => SocketError.NoBufferSpaceAvailable,
        InvalidArgument => SocketError.InvalidArgument,
        TooManyOpen or TooManyOpenInSystem => SocketError.TooManyOpenSockets,
        BrokenPipe => SocketError.Shutdown,
        MessageTooLong => SocketError.MessageSize,
        NoProtocolOption => SocketError.ProtocolOption,
        FamilyNotSupported => SocketError.AddressFamilyNotSupported,
        AddressInUse => SocketError.AddressAlreadyInUse,
        AddressNotAvailable or NoFile => SocketError.AddressNotAvailable,
        NetworkDown => SocketError.NetworkDown,
        NetworkUnreachable => SocketError.NetworkUnreachable,
        NetworkReset => SocketError.NetworkReset,
        ConnectionAborted => SocketError.ConnectionAborted,
        ConnectionReset => SocketError.ConnectionReset,
        NotConnected => SocketError.NotConnected,
        TimedOut => SocketError.TimedOut,
        ConnectionRefused => SocketError.ConnectionRefused,
        HostDown => SocketError.HostDown,
        HostUnreachable => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
