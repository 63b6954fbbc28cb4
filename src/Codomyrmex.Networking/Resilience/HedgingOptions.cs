namespace Codomyrmex.Networking.Resilience;

/// <summary>
/// A second attempt beside a slow first one: the first usable answer wins, the other is cancelled. Only for idempotent methods whose body can be sent
/// again, and only where the host's retry budget and limits have room for it at once. Immutable.
/// </summary>
public sealed record HedgingOptions
{
    /// <summary>The defaults.</summary>
    public static HedgingOptions Default { get; } = new();

    /// <summary>
    /// How long the first attempt has for its answer's fields before the second one starts; the 95th percentile of the host's times is a good choice. The
    /// default value is one second.
    /// </summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.FromMilliseconds(1), "HedgingOptions.Delay");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Delay, TimeSpan.FromDays(1), "HedgingOptions.Delay");
    }
}
