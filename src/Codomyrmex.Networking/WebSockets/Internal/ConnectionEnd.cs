namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>How a connection ended.</summary>
/// <param name="Close">The close; code 1006 where no close frame came.</param>
/// <param name="Failure">What callers are told; null where it closed as it should.</param>
internal sealed record ConnectionEnd(WebSocketClose Close, NetworkException? Failure);
