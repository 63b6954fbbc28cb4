namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>Why a connection is failed (RFC 6455, section 7.1.7).</summary>
/// <param name="Code">What the peer is told in the close frame.</param>
/// <param name="Reason">What the peer did, as the end of a sentence that begins with whom.</param>
internal sealed record ProtocolFault(WebSocketCloseCode Code, string Reason);
