namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Pings a connection now and then, and ends it where nothing at all comes back in time.</summary>
internal sealed class Keepalive : IDisposable
{
    private readonly Connection _connection;
    private readonly WebSocketOptions _options;
    private readonly ITimer _timer;
    private long _readsAtPing = -1;

    public Keepalive(Connection connection, WebSocketOptions options)
    {
        _connection = connection;
        _options = options;
        _timer = options.Clock.CreateTimer(static state => ((Keepalive)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // Only now: it may tick at once.
        _timer.Change(options.PingInterval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        if (_readsAtPing < 0)
        {
            _readsAtPing = _connection.Reads;
            _connection.Ping();
            _timer.Change(_options.PongTimeout, Timeout.InfiniteTimeSpan);
        }
        // Where the receiver holds the reader up, an answer could not be seen.
        else if (_connection.Reads != _readsAtPing || _connection.IsHeldUp)
        {
            _readsAtPing = -1;
            _timer.Change(_options.PingInterval, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _connection.Abort(WebSocketFailure.Silent(_connection.Endpoint, _options.PongTimeout, "WebSocketOptions.PongTimeout"));
        }
    }
}
