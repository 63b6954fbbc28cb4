namespace Codomyrmex.Networking.Transport;

/// <summary>Limits of the pool of connections. Immutable.</summary>
public sealed record PoolOptions
{
    /// <summary>The defaults.</summary>
    public static PoolOptions Default { get; } = new();

    /// <summary>Open connections to one host, HTTP/1.1. The default value is 256.</summary>
    public int MaxConnectionsPerHost { get; init; } = 256;

    /// <summary>A connection is not used again after this age, so that changed DNS answers are noticed. The default value is 5 minutes.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An idle connection is closed after this time. The default value is 1 minute.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How HTTP/2 connections behave.</summary>
    public Http2Options Http2 { get; init; } = Http2Options.Default;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Http2, "PoolOptions.Http2");
        Http2.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnectionsPerHost, 1, "PoolOptions.MaxConnectionsPerHost");
        if (Lifetime != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.Zero, "PoolOptions.Lifetime");
        if (IdleTimeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(IdleTimeout, TimeSpan.Zero, "PoolOptions.IdleTimeout");
    }
}
