namespace Codomyrmex.Networking.Http;

/// <summary>The size of a <see cref="CookieJar"/>, and what outlives it. Immutable.</summary>
public sealed record CookieJarOptions
{
    /// <summary>The defaults.</summary>
    public static CookieJarOptions Default { get; } = new();

    /// <summary>
    /// Cookies of one site: of a name that somebody can register, and all below it. The longest unused ones go first, those not marked <c>Secure</c> before the
    /// others. The default value is 180.
    /// </summary>
    public int PerSite { get; init; } = 180;

    /// <summary>Cookies in all; the longest unused go first. The default value is 3,000.</summary>
    public int Total { get; init; } = 3_000;

    /// <summary>
    /// Whether <see cref="CookieJar.SaveAsync"/> also writes cookies that the server meant for the session alone (no <c>Expires</c>, no <c>Max-Age</c>). The default
    /// value is false.
    /// </summary>
    public bool SaveSessionCookies { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (PerSite < 1)
            throw new ArgumentException("CookieJarOptions.PerSite is less than 1.");
        if (Total < 1)
            throw new ArgumentException("CookieJarOptions.Total is less than 1.");
        if (Clock is null)
            throw new ArgumentException("CookieJarOptions.Clock is null.");
    }
}
