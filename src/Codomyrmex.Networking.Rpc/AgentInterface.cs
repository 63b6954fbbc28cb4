namespace Codomyrmex.Networking.Rpc;

/// <summary>A way to speak to an agent, as its card names it.</summary>
/// <param name="Url">Where. It is as trustworthy as the card, and goes where the card's author likes: dial it under an egress policy.</param>
/// <param name="Binding">How: <c>JSONRPC</c>, <c>GRPC</c>, <c>HTTP+JSON</c>.</param>
/// <param name="ProtocolVersion">The version of A2A spoken there; null where it is not said.</param>
public sealed record AgentInterface(string Url, string Binding, string? ProtocolVersion);
