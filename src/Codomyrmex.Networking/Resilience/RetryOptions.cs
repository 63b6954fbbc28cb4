namespace Codomyrmex.Networking.Resilience;

/// <summary>When and how often a failed request is sent again. Immutable.</summary>
public sealed record RetryOptions
{
    /// <summary>The defaults: two retries of idempotent requests within the budget.</summary>
    public static RetryOptions Default { get; } = new();

    /// <summary>No retries.</summary>
    public static RetryOptions None { get; } = new() { Retries = 0 };

    /// <summary>Attempts after the first. The default value is 2.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>
    /// Whether a method that is not idempotent (POST, PATCH) is repeated even though the peer may have seen it. The default value is
    /// false: such a request is repeated only when no byte of it left.
    /// </summary>
    public bool RepeatUnsafeMethods { get; init; }

    /// <summary>Statuses that are worth a retry. The default value is 408, 429, 502, 503 and 504.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [408, 429, 502, 503, 504];

    /// <summary>
    /// A service's own codes for errors that are worth a retry, whatever the status: some answer 400 with <c>ThrottlingException</c> in the body. Read from fields and, where the call buffers it,
    /// from the body (<c>Response.ErrorCode</c>). The default value is empty.
    /// </summary>
    public IReadOnlyList<string> ErrorCodes { get; init; } = [];

    /// <summary>The upper bound of the first delay; each further one doubles it. The default value is 250 ms.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The upper bound of any delay we choose ourselves. The default value is 8 seconds.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The longest <c>Retry-After</c> that is obeyed by waiting; beyond it the call fails at once with a
    /// <see cref="RateLimitException"/> that carries the time. The default value is 30 seconds.
    /// </summary>
    public TimeSpan RetryAfterCap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Retries that each request to a host adds to that host's budget. The default value is 0.1: retries cost at most a tenth more
    /// traffic in the long run, however badly the host fails.
    /// </summary>
    public double BudgetRatio { get; init; } = 0.1;

    /// <summary>Retries that a host's budget starts with and holds at most. The default value is 10.</summary>
    public int BudgetReserve { get; init; } = 10;

    /// <summary>Gives numbers from 0 up to, not including, 1 for the jitter; must be thread-safe. The default value is null: random ones.</summary>
    public Func<double>? Jitter { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Retries, "RetryOptions.Retries");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retries, 100, "RetryOptions.Retries");
        ArgumentOutOfRangeException.ThrowIfLessThan(BaseDelay, TimeSpan.Zero, "RetryOptions.BaseDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, TimeSpan.Zero, "RetryOptions.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryAfterCap, TimeSpan.Zero, "RetryOptions.RetryAfterCap");
        // A timer waits no longer.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDelay, TimeSpan.FromDays(49), "RetryOptions.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RetryAfterCap, TimeSpan.FromDays(49), "RetryOptions.RetryAfterCap");
        ArgumentOutOfRangeException.ThrowIfNegative(BudgetRatio, "RetryOptions.BudgetRatio");
        ArgumentOutOfRangeException.ThrowIfNegative(BudgetReserve, "RetryOptions.BudgetReserve");
    }
}
