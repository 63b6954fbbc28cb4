namespace Codomyrmex.Networking.Crawling;

/// <summary>How a crawler behaves towards each host. The defaults bother nobody. Immutable.</summary>
public sealed record Politeness
{
    /// <summary>The defaults.</summary>
    public static Politeness Default { get; } = new();

    /// <summary>
    /// No robots.txt, no pause, 64 requests at a time: for hosts of one's own, which know of it. A host that answers 429 or 503 is left alone all the same.
    /// </summary>
    public static Politeness Off { get; } = new() { ObeyRobots = false, Delay = TimeSpan.Zero, Jitter = 0, Concurrency = 64, AutoThrottle = false };

    /// <summary>Whether robots.txt is asked for and obeyed (RFC 9309), its <c>Crawl-delay</c> included. The default value is true.</summary>
    public bool ObeyRobots { get; init; } = true;

    /// <summary>Requests under way to one host. A host that asks for a pause gets one at a time. The default value is 2.</summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>The pause between the beginnings of two requests to a host. The default value is 500 ms.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How much of a pause is left to chance: 0.5 makes it half to one and a half times as long. The default value is 0.5; never shorter than a <c>Crawl-delay</c>.</summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>
    /// Whether the pause grows with the time that a host takes to answer, so that <see cref="TargetConcurrency"/> requests are under way on average. The default
    /// value is true.
    /// </summary>
    public bool AutoThrottle { get; init; } = true;

    /// <summary>Requests that are under way to a host on average. The default value is 1.</summary>
    public double TargetConcurrency { get; init; } = 1;

    /// <summary>The longest pause that throttling comes to, and the longest <c>Crawl-delay</c> that is obeyed. The default value is 1 minute.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a host is left alone after a 429 or 503 that does not say how long, and after a failure; each further one in a row doubles it. The default value is
    /// 2 seconds.
    /// </summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest <c>Retry-After</c> that a run waits for. A host that asks for more is left alone until the next run. The default value is 5 minutes.
    /// </summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a page is asked for again after a failure that may pass, a 429 or a 5xx. The default value is 2.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Failures in a row after which a host is left alone until the next run. The default value is 20.</summary>
    public int FailuresInARow { get; init; } = 20;

    /// <summary>How long a robots.txt is believed. The default value is 24 hours, the most that RFC 9309 (section 2.4) recommends.</summary>
    public TimeSpan RobotsLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Concurrency, 1, "Politeness.Concurrency");
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero, "Politeness.Delay");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Delay, TimeSpan.FromDays(1), "Politeness.Delay");
        if (Jitter is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException("Politeness.Jitter", Jitter, "It is from 0 to 1.");
        if (TargetConcurrency is not (> 0 and <= 1_000))
            throw new ArgumentOutOfRangeException("Politeness.TargetConcurrency", TargetConcurrency, "It is above 0 and at most 1,000.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, Delay, "Politeness.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDelay, TimeSpan.FromDays(1), "Politeness.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(BackOff, TimeSpan.Zero, "Politeness.BackOff");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryAfter, TimeSpan.Zero, "Politeness.MaxRetryAfter");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRetryAfter, TimeSpan.FromDays(7), "Politeness.MaxRetryAfter");
        ArgumentOutOfRangeException.ThrowIfNegative(Retries, "Politeness.Retries");
        ArgumentOutOfRangeException.ThrowIfLessThan(FailuresInARow, 1, "Politeness.FailuresInARow");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RobotsLifetime, TimeSpan.Zero, "Politeness.RobotsLifetime");
    }
}
