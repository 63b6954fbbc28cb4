using System.Text;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Sends an application's heartbeat over one connection, and ends the connection where no message answers in time and none is on its way.</summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly Connection _connection;
    private readonly WebSocketHeartbeat _options;
    private readonly ITimer _timer;
    private long _receivedAtBeat = -1;
    private long _readsAtBeat;

    public Heartbeat(Connection connection, WebSocketHeartbeat options, TimeProvider clock)
    {
        _connection = connection;
        _options = options;
        _timer = clock.CreateTimer(static state => ((Heartbeat)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // Only now: it may tick at once.
        _timer.Change(options.Interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        // A long message takes its time; only a peer of which nothing comes is silent.
        var isAnswering = _connection.IsInMessage && _connection.Reads != _readsAtBeat;
        if (_receivedAtBeat >= 0 && _connection.MessagesReceived == _receivedAtBeat && !isAnswering && !_connection.IsHeldUp)
        {
            _connection.Abort(WebSocketFailure.Silent(_connection.Endpoint, _options.ReplyTimeout, "WebSocketHeartbeat.ReplyTimeout"));
            return;
        }
        if (_receivedAtBeat >= 0)
        {
            _receivedAtBeat = -1;
            _timer.Change(_options.Interval, Timeout.InfiniteTimeSpan);
            return;
        }
        try
        {
            var (received, reads) = (_connection.MessagesReceived, _connection.Reads);
            // Where there is no room none is needed: the connection is busy. Then there is nothing to answer either.
            if (_connection.Sender.TrySend(Opcode.Text, Encoding.UTF8.GetBytes(_options.Message())))
                (_receivedAtBeat, _readsAtBeat) = (received, reads);
        }
        catch (Exception error)
        {
            _connection.Abort(WebSocketFailure.Of(_connection.Endpoint, error, "WebSocketHeartbeat.Message"));
            return;
        }
        if (_receivedAtBeat >= 0 && _options.ReplyTimeout != Timeout.InfiniteTimeSpan)
        {
            _timer.Change(_options.ReplyTimeout, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _receivedAtBeat = -1;
            _timer.Change(_options.Interval, Timeout.InfiniteTimeSpan);
        }
    }
}
