using Codomyrmex.Networking.Resilience.Internal;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>One connection after another, as the options allow: watches the one that is, and opens the one that follows. Thread-safe.</summary>
internal sealed class Succession : IAsyncDisposable
{
    private const int MostAttempts = 100;

    private readonly ConnectionSource _source;
    private readonly WebSocketOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private readonly Lock _gate = new();
    private volatile Link _current;
    private volatile bool _isOver;
    private Task _leaving = Task.CompletedTask;
    private long _received;
    private int _failures;
    private List<Attempt> _attempts = [];
    private NetworkException? _lastFailure;

    private Succession(ConnectionSource source, WebSocketOptions options, Connection first)
    {
        _source = source;
        _options = options;
        First = _current = new Link(first);
        _watching = WatchAsync();
    }

    public Link First { get; }

    /// <summary>The latest connection, which may have ended.</summary>
    public Link Current => _current;

    /// <summary>Whether another connection follows the one that is lost.</summary>
    public bool Continues => _options.Reconnect is not null && !_isOver;

    /// <summary>How the last connection ended; null while there is one, or may be another.</summary>
    public WebSocketClose? Closed { get; private set; }

    /// <summary>Done when <see cref="Closed"/> is known: soon after the last connection has ended.</summary>
    public Task Over => _watching;

    public static async Task<Succession> BeginAsync(WebSocketUrl url, WebSocketOptions options, CancellationToken cancellationToken)
    {
        var source = new ConnectionSource(url, options);
        return new Succession(source, options, await source.OpenAsync(0, static _ => null, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>No connection follows any more.</summary>
    public void Stop()
    {
        lock (_gate)
            _isOver = true;
        _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _current.Connection.DisposeAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _leaving.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var opened = _options.Clock.GetTimestamp();
        while (true)
        {
            var link = _current;
            var connection = link.Connection;
            using var heartbeat = _options.Heartbeat is { } beat ? new Heartbeat(connection, beat, _options.Clock) : null;
            Link? next = null;
            try
            {
                var end = await connection.Ended.ConfigureAwait(false);
                if (_options.Clock.GetElapsedTime(opened) >= (_options.Reconnect?.StableAfter ?? default))
                    (_failures, _attempts, _lastFailure) = (0, [], null);
                else if (_failures > 0)
                    Failed(connection.Endpoint, _options.Clock.GetElapsedTime(opened), end.Failure);
                if (MayFollow(end))
                    next = await ReconnectAsync(connection, end).ConfigureAwait(false);
                opened = _options.Clock.GetTimestamp();
                if (next is not null && !TryBegin(next))
                {
                    // It was opened while it was being stopped: nobody knows it.
                    await next.Connection.DisposeAsync().ConfigureAwait(false);
                    next = null;
                }
                if (next is null)
                {
                    var wasStopped = _isOver;
                    _isOver = true;
                    Closed = end.Close;
                    if (wasStopped || Reason(connection.Endpoint, end) is not { } reason)
                        link.FollowedBy(null);
                    else
                        link.EndedBy(reason);
                    return;
                }
            }
            catch (Exception error)
            {
                // A hook of the caller's, or a failure that no repetition mends: who receives is told.
                _isOver = true;
                Closed = new WebSocketClose(WebSocketCloseCode.Abnormal, "", ByPeer: false);
                if (_stop.IsCancellationRequested)
                    link.FollowedBy(null);
                else
                    link.EndedBy(error);
                return;
            }
            link.FollowedBy(next);
            // The one that follows may be lost before this one has taken its leave.
            _leaving = Task.WhenAll(_leaving, connection.DisposeAsync().AsTask());
        }
    }

    private bool TryBegin(Link next)
    {
        lock (_gate)
        {
            if (!_isOver)
                _current = next;
            return !_isOver;
        }
    }

    /// <summary>Why no connection follows: how the last one ended, and how the attempts to make another did.</summary>
    private NetworkException? Reason(Endpoint endpoint, ConnectionEnd end) =>
        _lastFailure is null ? end.Failure : WebSocketFailure.GaveUp(endpoint, end.Failure, _failures, _attempts, _lastFailure);

    private void Failed(Endpoint endpoint, TimeSpan elapsed, NetworkException? failure)
    {
        _lastFailure = failure ?? _lastFailure;
        if (failure is { Attempts.Count: > 0 })
            _attempts.AddRange(failure.Attempts);
        else
            _attempts.Add(new Attempt(endpoint.ToString(), elapsed, failure?.Code));
        // The latest tell enough.
        if (_attempts.Count > MostAttempts)
            _attempts.RemoveRange(0, _attempts.Count - MostAttempts);
    }

    private bool MayFollow(ConnectionEnd end) =>
        _options.Reconnect is { } rules && !_isOver && (end.Failure is not null || (end.Close is { ByPeer: true } && rules.AfterCleanClose));

    /// <summary>Opens the next connection.</summary>
    /// <returns>Null where the last loss was one too many.</returns>
    private async Task<Link?> ReconnectAsync(Connection lost, ConnectionEnd end)
    {
        var rules = _options.Reconnect!;
        var lostAt = _options.Clock.GetTimestamp();
        _received += lost.MessagesReceived;
        var unsent = lost.Sender.TakeUnsent();
        for (var failed = 0; ;)
        {
            if (rules.MaxAttempts is { } most && _failures >= most)
                return null;
            var wait = Backoff.Reconnect(_options.Retry, rules.Delay, rules.MaxDelay, _failures++);
            await Task.Delay(wait, _options.Clock, _stop.Token).ConfigureAwait(false);
            var begun = _options.Clock.GetTimestamp();
            try
            {
                WebSocketGap? gap = null;
                var connection = await _source.OpenAsync(failed, next => gap = Gap(next), _stop.Token).ConfigureAwait(false);
                if (unsent.Count > 0 && unsent.CanGoOver(connection.Sender))
                    connection.Sender.Add(unsent);
                return new Link(connection);

                WebSocketGap Gap(Connection next) => new()
                {
                    Cause = end.Failure,
                    Duration = _options.Clock.GetElapsedTime(lostAt),
                    FailedAttempts = failed,
                    MessagesReceived = _received,
                    LostPartOfMessage = lost.IsInMessage,
                    MessagesCarriedOver = unsent.CanGoOver(next.Sender) ? unsent.Count : 0,
                    MessagesLost = unsent.CanGoOver(next.Sender) ? 0 : unsent.Count,
                };
            }
            // A server that breaks the protocol is left and tried again, as it would be later on.
            catch (NetworkException error) when (error.IsTransient || error.Code == ErrorCodes.WsProtocol)
            {
                failed++;
                Failed(error.Endpoint ?? lost.Endpoint, _options.Clock.GetElapsedTime(begun), error);
            }
        }
    }
}
