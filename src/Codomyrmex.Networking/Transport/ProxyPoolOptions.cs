namespace Codomyrmex.Networking.Transport;

/// <summary>How a <see cref="ProxyPool"/> chooses, and how long it leaves a failed proxy alone. Immutable.</summary>
public sealed record ProxyPoolOptions
{
    /// <summary>The defaults.</summary>
    public static ProxyPoolOptions Default { get; } = new();

    /// <summary>The order. The default value is <see cref="ProxyRotation.RoundRobin"/>.</summary>
    public ProxyRotation Rotation { get; init; } = ProxyRotation.RoundRobin;

    /// <summary>How long a proxy is left alone after its first failure; each further one in a row doubles it. The default value is 5 seconds.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a proxy is left alone, a year at most. The default value is 5 minutes.</summary>
    public TimeSpan MaxCoolDown { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Failures in a row after which a proxy is retired; 0 for never. The default value is 5.</summary>
    public int RetireAfter { get; init; } = 5;

    /// <summary>Session keys whose proxy is remembered; beyond them the oldest are forgotten. The default value is 10,000.</summary>
    public int Sessions { get; init; } = 10_000;

    /// <summary>Gives numbers from 0 up to, not including, 1 for <see cref="ProxyRotation.Random"/>; must be thread-safe. The default value is null: random ones.</summary>
    public Func<double>? Random { get; init; }

    /// <summary>The clock for cooling down. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Rotation))
            throw new ArgumentException("ProxyPoolOptions.Rotation is none of the orders.", nameof(Rotation));
        ArgumentOutOfRangeException.ThrowIfLessThan(CoolDown, TimeSpan.Zero, "ProxyPoolOptions.CoolDown");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCoolDown, CoolDown, "ProxyPoolOptions.MaxCoolDown");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxCoolDown, TimeSpan.FromDays(365), "ProxyPoolOptions.MaxCoolDown");
        ArgumentOutOfRangeException.ThrowIfNegative(RetireAfter, "ProxyPoolOptions.RetireAfter");
        ArgumentOutOfRangeException.ThrowIfLessThan(Sessions, 1, "ProxyPoolOptions.Sessions");
        ArgumentNullException.ThrowIfNull(Clock, "ProxyPoolOptions.Clock");
    }
}
