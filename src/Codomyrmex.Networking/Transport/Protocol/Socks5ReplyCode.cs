namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>What a SOCKS5 server answers to CONNECT (RFC 1928, section 6).</summary>
internal enum Socks5ReplyCode : byte
{
    Succeeded = 0,
    GeneralFailure = 1,
    NotAllowed = 2,
    NetworkUnreachable = 3,
    HostUnreachable = 4,
    ConnectionRefused = 5,
    TtlExpired = 6,
    CommandNotSupported = 7,
    AddressTypeNotSupported = 8,
}
