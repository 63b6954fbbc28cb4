namespace Codomyrmex.Networking.Transport;

/// <summary>
/// What a pool holds for one host. A connection counts for the host it was opened for; one to a proxy that forwards plain http serves
/// others, too.
/// </summary>
/// <param name="Host">Host and port.</param>
/// <param name="OpenConnections">Connections open now.</param>
/// <param name="IdleConnections">Open connections that carry no request.</param>
/// <param name="RequestsInFlight">Requests handed to the pool and not done: waiting for a connection, under way, or with a body still being read.</param>
/// <param name="ConnectionsOpened">Connections opened so far.</param>
/// <param name="ConnectionsClosed">Connections closed so far, from either side.</param>
public sealed record HostPoolStatistics(
    Endpoint Host, int OpenConnections, int IdleConnections, int RequestsInFlight, long ConnectionsOpened, long ConnectionsClosed);
