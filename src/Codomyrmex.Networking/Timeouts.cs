namespace Codomyrmex.Networking;

/// <summary>
/// How long each phase of an operation may take. <see cref="Total"/> spans everything, retries, redirects and the body included.
/// <see cref="Timeout.InfiniteTimeSpan"/> switches one off. Immutable.
/// </summary>
public sealed record Timeouts
{
    /// <summary>The defaults: every phase has a limit.</summary>
    public static Timeouts Default { get; } = new();

    /// <summary>Name resolution. The default value is 5 seconds.</summary>
    public TimeSpan Resolve { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Opening a connection, all addresses together, a proxy's answer included. The default value is 10 seconds.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The TLS handshake. The default value is 10 seconds.</summary>
    public TimeSpan Tls { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the request being sent to the first byte of the answer. The default value is 60 seconds.</summary>
    public TimeSpan FirstByte { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two reads of a body. The default value is 30 seconds.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The whole operation. The default value is 100 seconds.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Throws where a value is neither positive nor infinite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is zero or negative; its name is in the message.</exception>
    public void Validate()
    {
        Check(Resolve, nameof(Resolve));
        Check(Connect, nameof(Connect));
        Check(Tls, nameof(Tls));
        Check(FirstByte, nameof(FirstByte));
        Check(Idle, nameof(Idle));
        Check(Total, nameof(Total));
    }

    private static void Check(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException($"Timeouts.{name}", value, "A timeout is positive, or Timeout.InfiniteTimeSpan.");
        if (value.TotalMilliseconds > uint.MaxValue - 1)
            throw new ArgumentOutOfRangeException($"Timeouts.{name}", value, "A timeout is at most 49 days, or Timeout.InfiniteTimeSpan.");
    }
}
