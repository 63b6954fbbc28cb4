namespace Codomyrmex.Networking.Transport;

/// <summary>A layer that a connection lies on, and how long making it took.</summary>
/// <param name="Name">What and to whom, such as <c>tcp 127.0.0.1:1080</c>, <c>socks5 127.0.0.1:1080</c>, <c>ssh ada@jump:22</c> or <c>tls db.internal:443</c>.</param>
/// <param name="Elapsed">The time for this layer alone.</param>
public readonly record struct TransportLayer(string Name, TimeSpan Elapsed);
