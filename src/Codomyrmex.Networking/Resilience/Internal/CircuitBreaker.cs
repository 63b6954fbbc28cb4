namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>The circuit breaker of one host. Thread-safe.</summary>
internal sealed class CircuitBreaker(CircuitBreakerOptions options, TimeProvider clock) : IHostState
{
    private const int Slices = 10;

    private readonly Lock _lock = new();
    private readonly (int Failed, int All)[] _slices = new (int, int)[Slices];
    private readonly long _sliceLength = Math.Max(1, (long)(options.SamplingWindow.TotalSeconds * clock.TimestampFrequency / Slices));
    private long _slice;
    private int _failed;
    private int _all;
    private long _opensAt;
    private int _generation;
    private bool _isOpen;
    private bool _isProbed;

    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                MoveTo(clock.GetTimestamp());
                return !_isOpen && _all == 0;
            }
        }
    }

    /// <summary>Asks whether a request may go.</summary>
    /// <param name="pass">Handed back with the request's outcome.</param>
    /// <returns>Null where it may; otherwise how long nobody may.</returns>
    public TimeSpan? Enter(out int pass)
    {
        pass = Volatile.Read(ref _generation);
        if (!Volatile.Read(ref _isOpen))
            return null;
        lock (_lock)
        {
            pass = _generation;
            if (!_isOpen)
                return null;
            var now = clock.GetTimestamp();
            if (now < _opensAt)
                return clock.GetElapsedTime(now, _opensAt);
            // One request tries; the others are told to come again.
            if (_isProbed)
                return TimeSpan.Zero;
            _isProbed = true;
            return null;
        }
    }

    /// <summary>A request ended.</summary>
    /// <param name="pass">What it was given when it began.</param>
    /// <param name="failed">Whether the host failed it; null where that cannot be said, because the caller gave up.</param>
    public void Leave(int pass, bool? failed)
    {
        lock (_lock)
        {
            // What began before the breaker last opened or closed says nothing of how the host is now.
            if (pass != _generation)
                return;
            var now = clock.GetTimestamp();
            if (_isOpen)
            {
                _isProbed = false;
                if (failed is { } again)
                    Turn(again, now);
                return;
            }
            if (failed is not { } bad)
                return;
            MoveTo(now);
            ref var slice = ref _slices[_slice % Slices];
            slice.All++;
            _all++;
            if (!bad)
                return;
            slice.Failed++;
            _failed++;
            if (_all >= options.MinimumThroughput && _failed >= options.FailureRatio * _all)
                Turn(open: true, now);
        }
    }

    private void Turn(bool open, long now)
    {
        _generation++;
        _opensAt = now + (long)(options.BreakFor.TotalSeconds * clock.TimestampFrequency);
        _isOpen = open;
        Array.Clear(_slices);
        (_failed, _all) = (0, 0);
    }

    /// <summary>Forgets what is further back than the window.</summary>
    private void MoveTo(long now)
    {
        var slice = now / _sliceLength;
        for (var i = 0; _slice < slice && i < Slices; i++)
        {
            _slice++;
            ref var old = ref _slices[_slice % Slices];
            _failed -= old.Failed;
            _all -= old.All;
            old = default;
        }
        _slice = Math.Max(_slice, slice);
    }
}
