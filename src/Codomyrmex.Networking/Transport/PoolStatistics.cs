namespace Codomyrmex.Networking.Transport;

/// <summary>What a pool of connections held at one moment. The numbers of several hosts, and of one, are not taken at the same instant.</summary>
/// <param name="Hosts">Each host that requests went to, the busiest first. Hosts without a connection are forgotten when there are many.</param>
public sealed record PoolStatistics(IReadOnlyList<HostPoolStatistics> Hosts)
{
    /// <summary>Connections open now.</summary>
    public int OpenConnections => Hosts.Sum(host => host.OpenConnections);

    /// <summary>Open connections that carry no request.</summary>
    public int IdleConnections => Hosts.Sum(host => host.IdleConnections);

    /// <summary>Requests handed to the pool and not done: waiting for a connection, under way, or with a body still being read.</summary>
    public int RequestsInFlight => Hosts.Sum(host => host.RequestsInFlight);

    /// <summary>Connections opened so far.</summary>
    public long ConnectionsOpened => Hosts.Sum(host => host.ConnectionsOpened);

    /// <summary>Connections closed so far, from either side.</summary>
    public long ConnectionsClosed => Hosts.Sum(host => host.ConnectionsClosed);
}
