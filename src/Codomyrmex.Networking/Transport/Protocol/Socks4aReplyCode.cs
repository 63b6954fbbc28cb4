namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>What a SOCKS4 server answers to CONNECT.</summary>
internal enum Socks4aReplyCode : byte
{
    Granted = 90,
    Rejected = 91,
    IdentUnreachable = 92,
    IdentMismatch = 93,
}
