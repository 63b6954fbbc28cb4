namespace Codomyrmex.Networking.Http;

/// <summary>
/// Where the time of a request went. The connection's phases are null on a connection that was already open. Times of the last
/// attempt and hop, except <see cref="Total"/>.
/// </summary>
/// <param name="Resolve">Name resolution.</param>
/// <param name="Connect">Opening the connection.</param>
/// <param name="Proxy">Negotiating with the proxy.</param>
/// <param name="Tls">The TLS handshake.</param>
/// <param name="FirstByte">From the request being handed over to the answer's fields.</param>
/// <param name="Total">From the call to the response being handed out, retries, redirects and a buffered body included.</param>
public readonly record struct RequestTimings(TimeSpan? Resolve, TimeSpan? Connect, TimeSpan? Proxy, TimeSpan? Tls, TimeSpan FirstByte, TimeSpan Total);
