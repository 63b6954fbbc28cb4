using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>
/// Looks after the limits of all connections on one clock with one timer: a limit costs a connection a note of the time and no timer of its
/// own. Thread-safe.
/// </summary>
internal sealed class ConnectionWatch
{
    private static readonly ConditionalWeakTable<TimeProvider, ConnectionWatch> Watches = [];

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly HashSet<TCPConnection> _connections = [];
    private ITimer? _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    private ConnectionWatch(TimeProvider clock) => _clock = clock;

    public static ConnectionWatch On(TimeProvider clock) => Watches.GetValue(clock, static clock => new ConnectionWatch(clock));

    public void Add(TCPConnection connection, TimeSpan granularity)
    {
        lock (_lock)
        {
            _connections.Add(connection);
            if (_timer is not null && _period <= granularity)
                return;
            _period = granularity;
            if (_timer is null)
                _timer = _clock.CreateTimer(static watch => ((ConnectionWatch)watch!).Look(), this, granularity, granularity);
            else
                _timer.Change(granularity, granularity);
        }
    }

    public void Remove(TCPConnection connection)
    {
        lock (_lock)
        {
            if (!_connections.Remove(connection) || _connections.Count > 0)
                return;
            // The next one may be content with fewer looks.
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Look()
    {
        List<(TCPConnection Connection, NetworkFailure Failure)>? late = null;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            foreach (var connection in _connections)
            {
                if (connection.Overstepped(now) is { } failure)
                    (late ??= []).Add((connection, failure));
            }
        }
        foreach (var (connection, failure) in late ?? [])
            connection.Break(failure);
    }
}
