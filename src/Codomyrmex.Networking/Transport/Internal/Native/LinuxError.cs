namespace Codomyrmex.Networking.Transport.Internal.Native;

/// <summary>Numbers of errors on Linux, those that a probe may meet.</summary>
internal static class LinuxError
{
    public const int NotPermitted = 1; // EPERM
    public const int Interrupted = 4; // EINTR
    public const int TryAgain = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int AccessDenied = 13; // EACCES
    public const int TooManyOpenInSystem = 23; // ENFILE
    public const int TooManyOpen = 24; // EMFILE
    public const int NoProtocol = 92; // ENOPROTOOPT: ICMP's "protocol unreachable"
    public const int AddressInUse = 98; // EADDRINUSE
    public const int AddressNotAvailable = 99; // EADDRNOTAVAIL: no local port left
    public const int NetworkDown = 100; // ENETDOWN
    public const int NetworkUnreachable = 101; // ENETUNREACH
    public const int ConnectionAborted = 103; // ECONNABORTED
    public const int ConnectionReset = 104; // ECONNRESET
    public const int NoBuffers = 105; // ENOBUFS
    public const int IsConnected = 106; // EISCONN
    public const int TimedOut = 110; // ETIMEDOUT
    public const int ConnectionRefused = 111; // ECONNREFUSED
    public const int HostDown = 112; // EHOSTDOWN
    public const int HostUnreachable = 113; // EHOSTUNREACH
    public const int Already = 114; // EALREADY
    public const int InProgress = 115; // EINPROGRESS
}
