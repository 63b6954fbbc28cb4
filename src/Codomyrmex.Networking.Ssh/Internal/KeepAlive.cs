namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Asks a silent server now and then whether it is still there, and ends the connection when it does not answer. Any message counts as a sign of life.</summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly Multiplexer _connection;
    private readonly SSHKeepAlive _rule;
    private readonly ITimer? _timer;
    private volatile bool _hasHeard;
    private int _unanswered;

    public KeepAlive(Multiplexer connection, SSHKeepAlive rule, TimeProvider clock)
    {
        (_connection, _rule) = (connection, rule);
        if (rule.Interval != Timeout.InfiniteTimeSpan)
            _timer = clock.CreateTimer(static state => ((KeepAlive)state!).Tick(), this, rule.Interval, rule.Interval);
    }

    // On the path of every message: the flag is written only where it changes, so that it stays in the caches.
    public void Heard()
    {
        if (!_hasHeard)
            _hasHeard = true;
    }

    public void Dispose() => _timer?.Dispose();

    private void Tick()
    {
        if (_hasHeard)
        {
            _hasHeard = false;
            _unanswered = 0;
            return;
        }
        if (_unanswered >= _rule.Unanswered)
        {
            _connection.Fail(new NetworkFailure
            {
                Code = ErrorCodes.SshDisconnected,
                Message = $"{_connection.Endpoint} is gone: {_unanswered} probes, {_rule.Interval.TotalSeconds:0.###} s apart, stayed without an answer.",
                Phase = NetworkPhase.Receive,
                Endpoint = _connection.Endpoint,
                WasSent = WasSent.Maybe,
            }.ToException());
            return;
        }
        _unanswered++;
        // Every server answers it, if only by saying that it does not know it (RFC 4254, section 4).
        _ = _connection.AskAsync("keepalive@openssh.com", default, CancellationToken.None).ContinueWith(static asked => asked.Exception, TaskScheduler.Default);
    }
}
