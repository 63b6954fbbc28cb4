using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Who holds what: the counters of every host that a pool serves, and its open connections, so that none outlives it.</summary>
internal sealed class PoolLedger
{
    private const int Kept = 1024;

    private readonly ConcurrentDictionary<Endpoint, HostLedger> _hosts = new();
    private readonly ConcurrentDictionary<DialedStream, HostLedger> _open = new();
    private int _sweepAt = Kept;

    public HostLedger For(Endpoint host)
    {
        if (_hosts.TryGetValue(host, out var known))
            return known;
        if (_hosts.Count >= _sweepAt)
            Sweep();
        return _hosts.GetOrAdd(host, static host => new HostLedger(host));
    }

    /// <summary>Notes a new connection; it signs itself off when it is closed.</summary>
    public void Opened(DialedStream connection)
    {
        var host = For(connection.Trace.Endpoint);
        _open[connection] = host;
        host.Opened();
        connection.OnClosed = Closed;
        // It may have been closed meanwhile, without anybody to tell.
        if (connection.IsClosed)
            Closed(connection);
    }

    /// <summary>Closes what nobody uses.</summary>
    public void CloseIdle()
    {
        foreach (var connection in _open.Keys.Where(connection => !connection.IsBusy))
            connection.Dispose();
    }

    /// <summary>Closes what is still open, under whoever uses it.</summary>
    public void CloseAll()
    {
        foreach (var connection in _open.Keys)
            connection.Dispose();
    }

    public PoolStatistics Read()
    {
        var busy = _open.Where(one => one.Key.IsBusy).CountBy(one => one.Value).ToDictionary();
        var hosts = _hosts.Values.Select(host => host.Read(busy.GetValueOrDefault(host)));
        return new([.. hosts.OrderByDescending(host => host.OpenConnections).ThenByDescending(host => host.RequestsInFlight)]);
    }

    private void Closed(DialedStream connection)
    {
        if (_open.TryRemove(connection, out var host))
            host.Closed();
    }

    // A crawler sees many hosts. Where most are in use the next sweep is put off, so that it does not run for every new one.
    private void Sweep()
    {
        foreach (var (host, ledger) in _hosts)
        {
            if (ledger.IsUnused)
                _hosts.TryRemove(host, out _);
        }
        _sweepAt = Math.Max(Kept, _hosts.Count * 2);
    }
}
