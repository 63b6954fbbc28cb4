namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>A SOCKS5 server's answer to CONNECT.</summary>
/// <param name="Code">The outcome; a value outside the enumeration where the server invents one.</param>
/// <param name="Bound">The address the server connects from, as it says; null where it refused.</param>
internal readonly record struct Socks5Reply(Socks5ReplyCode Code, Endpoint? Bound);
