namespace Codomyrmex.Networking;

/// <summary>
/// A point in time by which an operation must be over. Make one, pass it through nested calls, and every retry, redirect,
/// connection and body read shares what is left of it. Immutable and safe to share between threads.
/// </summary>
public readonly struct Deadline : IEquatable<Deadline>
{
    private readonly TimeProvider? _clock;
    private readonly long _end;

    private Deadline(TimeProvider clock, long end)
    {
        _clock = clock;
        _end = end;
    }

    /// <summary>No deadline; also the default value.</summary>
    public static Deadline None => default;

    /// <summary>Whether there is a deadline at all.</summary>
    public bool IsFinite => _clock is not null;

    /// <summary>The time left: zero once it has passed, <see cref="Timeout.InfiniteTimeSpan"/> for <see cref="None"/>.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_clock is null)
                return Timeout.InfiniteTimeSpan;
            return RemainingAt(_clock.GetTimestamp(), _clock);
        }
    }

    /// <summary>Whether the deadline has passed.</summary>
    public bool IsExpired => _clock is not null && _clock.GetTimestamp() >= _end;

    /// <summary>The deadline that ends at a timestamp; see <see cref="EndOn"/>.</summary>
    internal static Deadline At(TimeProvider clock, long end) => end == long.MaxValue ? None : new Deadline(clock, end);

    /// <summary>Its end as a timestamp of a clock; <see cref="long.MaxValue"/> for <see cref="None"/>.</summary>
    internal long EndOn(TimeProvider clock)
    {
        if (_clock is null)
            return long.MaxValue;
        return ReferenceEquals(_clock, clock) ? _end : After(Remaining, clock)._end;
    }

    /// <summary>The time left at a timestamp that was just taken of a clock: where it is this deadline's, the clock need not be read again.</summary>
    internal TimeSpan RemainingAt(long now, TimeProvider clock)
    {
        if (!ReferenceEquals(clock, _clock))
            return Remaining;
        return now >= _end ? TimeSpan.Zero : clock.GetElapsedTime(now, _end);
    }

    /// <summary>The time that it allowed to what began at a timestamp of a clock; infinite for <see cref="None"/>.</summary>
    internal TimeSpan AllowedSince(long startedAt, TimeProvider clock)
    {
        if (_clock is null)
            return Timeout.InfiniteTimeSpan;
        var allowed = ReferenceEquals(_clock, clock) ? clock.GetElapsedTime(startedAt, _end) : clock.GetElapsedTime(startedAt) + Remaining;
        return allowed > TimeSpan.Zero ? allowed : TimeSpan.Zero;
    }

    /// <summary>A deadline <paramref name="budget"/> from now.</summary>
    /// <param name="budget">The time allowed; <see cref="Timeout.InfiniteTimeSpan"/> gives <see cref="None"/>.</param>
    /// <param name="clock">The clock; <see cref="TimeProvider.System"/> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative and not infinite.</exception>
    public static Deadline After(TimeSpan budget, TimeProvider? clock = null)
    {
        if (budget == Timeout.InfiniteTimeSpan)
            return None;
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, TimeSpan.Zero);
        clock ??= TimeProvider.System;
        return After(budget, clock, clock.GetTimestamp());
    }

    /// <summary>A deadline some time after a timestamp of the clock: reading the clock once serves both.</summary>
    internal static Deadline After(TimeSpan budget, TimeProvider clock, long now)
    {
        if (budget == Timeout.InfiniteTimeSpan)
            return None;
        var ticks = budget.TotalSeconds * clock.TimestampFrequency;
        return ticks >= long.MaxValue - now ? None : new Deadline(clock, now + (long)ticks);
    }

    /// <summary>The earlier of two deadlines.</summary>
    /// <param name="other">The other one.</param>
    public Deadline Earlier(Deadline other)
    {
        if (!other.IsFinite)
            return this;
        if (!IsFinite)
            return other;
        return Remaining <= other.Remaining ? this : other;
    }

    /// <inheritdoc/>
    public bool Equals(Deadline other) => _end == other._end && ReferenceEquals(_clock, other._clock);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Deadline other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_clock, _end);

    /// <summary>Whether two deadlines are the same.</summary>
    public static bool operator ==(Deadline left, Deadline right) => left.Equals(right);

    /// <summary>Whether two deadlines differ.</summary>
    public static bool operator !=(Deadline left, Deadline right) => !left.Equals(right);

    /// <summary>The time left, or <c>none</c>.</summary>
    public override string ToString() => IsFinite ? Remaining.ToString() : "none";
}
