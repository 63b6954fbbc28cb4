using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A cookie in the store. What identifies it never changes; when it was used does.</summary>
internal sealed class CookieEntry
{
    public required string Name { get; init; }

    public required string Value { get; init; }

    public required string Domain { get; init; }

    public required bool IsHostOnly { get; init; }

    public required string Path { get; init; }

    public required bool IsSecure { get; init; }

    public required bool IsHttpOnly { get; init; }

    public required CookieSameSite SameSite { get; init; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required DateTimeOffset UsedAt { get; set; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The cookie that a host sets with a field, or null where the rules that need no other cookie refuse it (RFC 6265bis, section 5.7).</summary>
    public static CookieEntry? Of(string setCookie, string host, Uri url, DateTimeOffset now)
    {
        if (!SetCookieField.TryParse(setCookie, out var field) || (field.IsSecure && !CookieJar.IsSecure(url)))
            return null;
        Span<char> buffer = stackalloc char[field.Domain.Length];
        // Beyond ASCII a name is none (step 8): servers write Punycode. In lower case, with its own dot at the end still there, it must end the host.
        if (System.Text.Ascii.ToLower(field.Domain, buffer, out _) != System.Buffers.OperationStatus.Done)
            return null;
        ReadOnlySpan<char> domain = buffer;
        var isAddress = PublicSuffixes.IsAddress(host);
        if (!domain.IsEmpty && !CookieRules.DomainMatches(host, domain, isAddress))
            return null;
        // Whoever is a public suffix himself keeps his cookie to himself (step 9).
        if (domain.IsEmpty || PublicSuffixes.Contains(domain))
        {
            if (!domain.IsEmpty && !domain.SequenceEqual(host))
                return null;
            domain = [];
        }
        var path = field.Path.IsEmpty ? CookieRules.DefaultPath(url.AbsolutePath) : field.Path;
        if (!CookieRules.KeepsPrefix(field.Name, field.Value, field.IsSecure, domain.IsEmpty, field.Path))
            return null;
        return new CookieEntry
        {
            Name = field.Name.ToString(),
            Value = field.Value.ToString(),
            Domain = domain.IsEmpty || domain.SequenceEqual(host) ? host : domain.ToString(),
            IsHostOnly = domain.IsEmpty,
            Path = path is "/" ? "/" : path.ToString(),
            IsSecure = field.IsSecure,
            IsHttpOnly = field.IsHttpOnly,
            SameSite = field.SameSite,
            CreatedAt = now,
            UsedAt = now,
            ExpiresAt = field.EndsAt(now),
        };
    }

    public static CookieEntry Of(StoredCookie cookie) => new()
    {
        Name = cookie.Name,
        Value = cookie.Value,
        Domain = cookie.Domain,
        IsHostOnly = cookie.IsHostOnly,
        Path = cookie.Path,
        IsSecure = cookie.IsSecure,
        IsHttpOnly = cookie.IsHttpOnly,
        SameSite = cookie.SameSite,
        CreatedAt = cookie.CreatedAt,
        UsedAt = cookie.UsedAt,
        ExpiresAt = cookie.ExpiresAt,
    };

    public StoredCookie ToStored() => new()
    {
        Name = Name,
        Value = Value,
        Domain = Domain,
        IsHostOnly = IsHostOnly,
        Path = Path,
        IsSecure = IsSecure,
        IsHttpOnly = IsHttpOnly,
        SameSite = SameSite,
        CreatedAt = CreatedAt,
        UsedAt = UsedAt,
        ExpiresAt = ExpiresAt,
    };

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;

    public bool IsSame(CookieEntry other) =>
        IsHostOnly == other.IsHostOnly && Name == other.Name && Domain == other.Domain && Path == other.Path;

    public bool IsFor(string host, bool isAddress, string path, bool isSecure) =>
        (isSecure || !IsSecure) &&
        (IsHostOnly ? host == Domain : CookieRules.DomainMatches(host, Domain, isAddress)) &&
        CookieRules.PathMatches(path, Path);

    /// <summary>Whether a cookie set without TLS would stand in this one's place: then it would be its sender's who is in between (section 5.7, step 16).</summary>
    public bool IsShadowedBy(CookieEntry insecure) =>
        IsSecure && Name == insecure.Name &&
        (CookieRules.DomainMatches(Domain, insecure.Domain, isAddress: false) || CookieRules.DomainMatches(insecure.Domain, Domain, isAddress: false)) &&
        CookieRules.PathMatches(insecure.Path, Path);
}
