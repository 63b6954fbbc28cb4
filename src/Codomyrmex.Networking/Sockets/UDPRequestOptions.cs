namespace Codomyrmex.Networking.Sockets;

/// <summary>How a request is repeated until its reply comes (RFC 8085, section 3.1). Immutable.</summary>
public sealed record UDPRequestOptions
{
    /// <summary>The defaults.</summary>
    public static UDPRequestOptions Default { get; } = new();

    /// <summary>How often the request is sent at most. The default value is 4.</summary>
    public int Transmissions { get; init; } = 4;

    /// <summary>The wait for a reply to the first; each further one doubles it. The default value is 1 second.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest of these waits, before what is added at random. The default value is 8 seconds.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The most that is added to each wait at random, as a part of it: who lost together does not repeat together. The default value is 0.25.</summary>
    public double Spread { get; init; } = 0.25;

    /// <summary>Gives numbers from 0 up to, not including, 1 for the spread; must be thread-safe. The default value is null: random ones.</summary>
    public Func<double>? Jitter { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Transmissions, 1, "UDPRequestOptions.Transmissions");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Transmissions, 100, "UDPRequestOptions.Transmissions");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstWait, TimeSpan.Zero, "UDPRequestOptions.FirstWait");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWait, FirstWait, "UDPRequestOptions.MaxWait");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWait, TimeSpan.FromDays(1), "UDPRequestOptions.MaxWait");
        if (!(Spread is >= 0 and <= 10))
            throw new ArgumentOutOfRangeException("UDPRequestOptions.Spread", Spread, "It is from 0 to 10.");
    }
}
