namespace Codomyrmex.Networking.Resilience;

/// <summary>
/// When a host that keeps failing is left alone for a while. Every host has its own breaker. Closed: all pass. Open: calls fail at once with a
/// <see cref="RateLimitException"/> (<c>rate.circuit_open</c>, nothing sent) that says when it half-opens. Half-open: one request goes through; its
/// outcome closes the breaker or opens it again. Immutable.
/// </summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>The defaults.</summary>
    public static CircuitBreakerOptions Default { get; } = new();

    /// <summary>The part of the requests within the window that must fail. The default value is 0.5.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Requests within the window below which nothing is decided. The default value is 20.</summary>
    public int MinimumThroughput { get; init; } = 20;

    /// <summary>How far back requests count. The default value is 30 seconds.</summary>
    public TimeSpan SamplingWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the breaker stays open before it lets one request try. The default value is 15 seconds.</summary>
    public TimeSpan BreakFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Statuses that count as failures, beside requests that got no answer. The default value is 500, 502, 503 and 504; 429 is a limit, not a failure.
    /// </summary>
    public IReadOnlyList<int> Statuses { get; init; } = [500, 502, 503, 504];

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        if (!(FailureRatio is > 0 and <= 1))
            throw new ArgumentOutOfRangeException("CircuitBreakerOptions.FailureRatio", FailureRatio, "CircuitBreakerOptions.FailureRatio must lie above 0 and be 1 at most.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumThroughput, 1, "CircuitBreakerOptions.MinimumThroughput");
        ArgumentOutOfRangeException.ThrowIfLessThan(SamplingWindow, TimeSpan.FromMilliseconds(100), "CircuitBreakerOptions.SamplingWindow");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SamplingWindow, TimeSpan.FromDays(1), "CircuitBreakerOptions.SamplingWindow");
        ArgumentOutOfRangeException.ThrowIfLessThan(BreakFor, TimeSpan.FromMilliseconds(1), "CircuitBreakerOptions.BreakFor");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BreakFor, TimeSpan.FromDays(1), "CircuitBreakerOptions.BreakFor");
    }
}
