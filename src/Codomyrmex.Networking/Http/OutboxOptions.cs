namespace Codomyrmex.Networking.Http;

/// <summary>How much an <see cref="Outbox"/> holds, and for how long. Immutable.</summary>
public sealed record OutboxOptions
{
    /// <summary>The defaults.</summary>
    public static OutboxOptions Default { get; } = new();

    /// <summary>Requests that may wait; one more is refused (<c>outbox.full</c>). The default value is 1,000.</summary>
    public int MaxEntries { get; init; } = 1000;

    /// <summary>Bytes that the requests that wait may take in the file; beyond them one more is refused. The default value is 16 MiB.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long a request may be sent again. Servers forget keys: after that a repeat could be taken for something new, so it leaves the box unsent (<see cref="OutboxOutcome.Expired"/>). The
    /// default value is 24 hours.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEntries, 1, "OutboxOptions.MaxEntries");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxEntries, 1_000_000, "OutboxOptions.MaxEntries");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 4096, "OutboxOptions.MaxBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxBytes, 1L << 28, "OutboxOptions.MaxBytes");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxAge, TimeSpan.Zero, "OutboxOptions.MaxAge");
    }
}
