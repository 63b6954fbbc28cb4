namespace Codomyrmex.Networking.Http;

/// <summary>Whether and how redirects are followed (RFC 9110, section 15.4). Immutable.</summary>
public sealed record RedirectOptions
{
    /// <summary>The defaults: follow up to ten, never from https to http.</summary>
    public static RedirectOptions Default { get; } = new();

    /// <summary>Do not follow.</summary>
    public static RedirectOptions None { get; } = new() { Limit = 0 };

    /// <summary>The most redirects followed; 0 returns the redirect itself. The default value is 10.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>Whether a redirect from https to http is followed. The default value is false.</summary>
    public bool AllowDowngrade { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Limit, "RedirectOptions.Limit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, 100, "RedirectOptions.Limit");
    }
}
