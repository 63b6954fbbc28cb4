using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>A cookie in a <see cref="CookieJar"/>, as it was when asked. Immutable; its value never prints.</summary>
public sealed record StoredCookie
{
    /// <summary>Its name; may be empty.</summary>
    public required string Name { get; init; }

    /// <summary>Its value: a secret.</summary>
    public required string Value { get; init; }

    /// <summary>The host it is for, and with <see cref="IsHostOnly"/> false every name below: lower case, ASCII.</summary>
    public required string Domain { get; init; }

    /// <summary>Whether it is for that very host alone.</summary>
    public required bool IsHostOnly { get; init; }

    /// <summary>The path it is for, with all below.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it is sent over https alone. The default value is false.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Whether scripts of a page should not see it. The default value is false.</summary>
    public bool IsHttpOnly { get; init; }

    /// <summary>What it says about requests from other sites. The default value is <see cref="CookieSameSite.Unspecified"/>.</summary>
    public CookieSameSite SameSite { get; init; }

    /// <summary>When a cookie of its name, domain and path was first set.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last set or sent.</summary>
    public DateTimeOffset UsedAt { get; init; }

    /// <summary>When it ends; null for the end of the session.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(Name).Append('=').Append(Redactor.Mask).Append("; ").Append(IsHostOnly ? "Host" : "Domain").Append('=').Append(Domain).Append("; Path=").Append(Path);
        return true;
    }
}
