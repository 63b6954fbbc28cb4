namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>
/// The limits of one host: a token bucket, a number of requests at a time, pauses and quotas that the host asked for, and the queue of those for whom
/// there is no room. Thread-safe; every method is short and none waits under the lock.
/// </summary>
internal sealed class HostLimiter : IHostState
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly HostLimitOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly LearnedQuotas _quotas;
    private PriorityQueue<Waiter, (int Priority, long Arrival)>? _queue;
    private ITimer? _timer;
    private double _tokens;
    private long _refilledAt;
    private long _pausedUntil;
    private long _arrivals;
    private int _held;
    private bool _isAsking;

    public HostLimiter(HostLimitOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _quotas = new LearnedQuotas(clock);
        _tokens = options.Burst;
        _refilledAt = _pausedUntil = clock.GetTimestamp();
        Left = Leave;
    }

    /// <summary>Gives the place of one request back; null of places where their number is not limited.</summary>
    public Action Left { get; }

    /// <summary>Requests that wait for room.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _queue?.Count ?? 0;
        }
    }

    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                var now = _clock.GetTimestamp();
                Refill(now);
                return _held == 0 && !_isAsking && _queue is not { Count: > 0 } && _tokens >= _options.Burst && _pausedUntil <= now && _quotas.IsIdle(now);
            }
        }
    }

    /// <summary>Waits for room and takes it. Each success is followed by one <c>Answered</c>, and by <see cref="Left"/> where places are limited.</summary>
    /// <param name="demand">Who wants it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="RateLimitException">There will be no room in time.</exception>
    public ValueTask EnterAsync(LimitDemand demand, CancellationToken cancellationToken)
    {
        Waiter waiter;
        TimeSpan allowed;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            if (_queue is not { Count: > 0 } && TryTake(demand.Tokens, now))
                return ValueTask.CompletedTask;
            allowed = Allowed(demand);
            var wait = Estimate(demand, now);
            if (wait > allowed || allowed == TimeSpan.Zero)
                throw Refusal.NoRoom(demand, wait, _options, _clock);
            _queue ??= new();
            if (_queue.Count >= _options.QueueLength)
                throw Refusal.QueueFull(demand, _options);
            waiter = new Waiter(demand.Tokens);
            _queue.Enqueue(waiter, (-demand.Priority, _arrivals++));
            Admit(now);
        }
        return new ValueTask(WaitAsync(waiter, demand, allowed, cancellationToken));
    }

    /// <summary>Takes room where there is some at once, before nobody who waits.</summary>
    public bool TryEnter(long tokens)
    {
        lock (_lock)
            return _queue is not { Count: > 0 } && TryTake(tokens, _clock.GetTimestamp());
    }

    /// <summary>A request is over, and nothing is known of it but what it was expected to cost.</summary>
    public void Answered(long tokens)
    {
        lock (_lock)
        {
            _quotas.Answered(tokens);
            Admit(_clock.GetTimestamp());
        }
    }

    /// <summary>A request has been answered.</summary>
    /// <param name="tokens">What it was expected to cost.</param>
    /// <param name="quotas">What the answer says is left.</param>
    /// <param name="pause">How long the answer asks everybody to wait.</param>
    public void Answered(long tokens, ReadOnlySpan<RateLimitQuota> quotas, TimeSpan? pause)
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            _quotas.Answered(tokens);
            _quotas.Learn(quotas, now);
            if (pause is { } wait)
                _pausedUntil = Math.Max(_pausedUntil, Later(now, wait));
            Admit(now);
        }
    }

    /// <summary>The shared limiter has been asked: the next one may ask. Meanwhile they wait in order here, and not in a crowd there.</summary>
    public void Asked()
    {
        lock (_lock)
        {
            _isAsking = false;
            Admit(_clock.GetTimestamp());
        }
    }

    /// <summary>Gives back what was taken for a request that was not sent after all.</summary>
    public void GiveBack(long tokens)
    {
        lock (_lock)
        {
            _isAsking = false;
            _quotas.Answered(tokens);
            _tokens = Math.Min(_options.Burst, _tokens + 1);
            if (_options.Concurrency is not null)
                _held--;
            Admit(_clock.GetTimestamp());
        }
    }

    /// <summary>The longest that a caller can wait.</summary>
    public TimeSpan Allowed(in LimitDemand demand)
    {
        var left = demand.Deadline.Remaining;
        if (_options.MaxWait == Timeout.InfiniteTimeSpan)
            return demand.Deadline.IsFinite ? left : TimeSpan.MaxValue;
        return demand.Deadline.IsFinite && left < _options.MaxWait ? left : _options.MaxWait;
    }

    private async Task WaitAsync(Waiter waiter, LimitDemand demand, TimeSpan allowed, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Task.WaitAsync(allowed > LongestTimer ? Timeout.InfiniteTimeSpan : allowed, _clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            TimeSpan wait;
            lock (_lock)
            {
                var now = _clock.GetTimestamp();
                // Room in the last moment is room.
                Admit(now);
                var isIn = !_queue!.Remove(waiter, out _, out _);
                if (isIn && error is TimeoutException)
                    return;
                if (isIn)
                    GiveBack(waiter.Tokens);
                else
                    Admit(now);
                wait = Estimate(demand, now);
            }
            if (error is TimeoutException)
                throw Refusal.NoRoom(demand, wait, _options, _clock);
            throw;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            _held--;
            Admit(_clock.GetTimestamp());
        }
    }

    /// <summary>Lets those in who are next and have room; sets the timer for the first who must wait for the time.</summary>
    private void Admit(long now)
    {
        while (_queue is { Count: > 0 } queue)
        {
            var next = queue.Peek();
            if (TryTake(next.Tokens, now))
            {
                queue.Dequeue();
                next.SetResult();
                continue;
            }
            if (TimeToRoom(1, next.Tokens, now) is { Ticks: > 0 } wait)
                Wake(wait);
            return;
        }
    }

    private void Wake(TimeSpan wait)
    {
        // Timers count whole milliseconds, and one that is early would find no room.
        wait = TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), TimeSpan.FromDays(1).TotalMilliseconds));
        if (_timer is null)
            _timer = _clock.CreateTimer(static limiter => ((HostLimiter)limiter!).Woken(), this, wait, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Woken()
    {
        lock (_lock)
            Admit(_clock.GetTimestamp());
    }

    private bool TryTake(long tokens, long now)
    {
        if (_isAsking || _held >= _options.Concurrency || TimeToRoom(1, tokens, now) is not { Ticks: 0 })
            return false;
        if (_options.RequestsPerSecond is not null)
            _tokens--;
        if (_options.Concurrency is not null)
            _held++;
        _isAsking = _options.Shared is not null;
        _quotas.Sent(tokens);
        return true;
    }

    /// <summary>How long until time alone has made room for so many requests; null where an answer must come first.</summary>
    private TimeSpan? TimeToRoom(long requests, long tokens, long now)
    {
        Refill(now);
        var wait = _quotas.Wait(requests, tokens, now);
        if (wait is null)
            return null;
        var bucket = _options.RequestsPerSecond is { } rate && requests - _tokens is > 1e-9 and var missing ? TimeSpan.FromSeconds(Math.Min(missing / rate, 1e9)) : TimeSpan.Zero;
        var pause = now < _pausedUntil ? _clock.GetElapsedTime(now, _pausedUntil) : TimeSpan.Zero;
        return Longest(wait.Value, Longest(bucket, pause));
    }

    /// <summary>The same for somebody who comes now, behind those who are before him.</summary>
    private TimeSpan Estimate(in LimitDemand demand, long now)
    {
        var (requests, tokens) = (1L, demand.Tokens);
        if (_queue is not { Count: > 0 } queue)
            return TimeToRoom(requests, tokens, now) ?? TimeSpan.Zero;
        foreach (var (waiter, (priority, _)) in queue.UnorderedItems)
        {
            if (-priority < demand.Priority)
                continue;
            requests++;
            tokens += waiter.Tokens;
        }
        return TimeToRoom(requests, tokens, now) ?? TimeSpan.Zero;
    }

    private void Refill(long now)
    {
        if (_options.RequestsPerSecond is not { } rate || now <= _refilledAt)
            return;
        _tokens = Math.Min(_options.Burst, _tokens + (_clock.GetElapsedTime(_refilledAt, now).TotalSeconds * rate));
        _refilledAt = now;
    }

    private long Later(long now, TimeSpan wait) => now + (long)(Math.Min(wait.TotalSeconds, 86400) * _clock.TimestampFrequency);

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed class Waiter(long tokens) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Tokens => tokens;
    }
}
