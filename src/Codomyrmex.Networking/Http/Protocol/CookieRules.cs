namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>What of a cookie matches what of a request (RFC 6265bis, section 5.1).</summary>
internal static class CookieRules
{
    /// <summary>Whether a cookie for a domain is for a host: the same, or a name below it (section 5.1.3). Both in their one spelling.</summary>
    public static bool DomainMatches(ReadOnlySpan<char> host, ReadOnlySpan<char> domain, bool isAddress) =>
        host.EndsWith(domain, StringComparison.Ordinal) &&
        (host.Length == domain.Length || (!isAddress && !domain.IsEmpty && host[host.Length - domain.Length - 1] == '.'));

    /// <summary>Whether a cookie for a path is for a request's: the same, or one below it (section 5.1.4).</summary>
    public static bool PathMatches(ReadOnlySpan<char> requested, ReadOnlySpan<char> path) =>
        requested.StartsWith(path, StringComparison.Ordinal) &&
        (requested.Length == path.Length || path.EndsWith('/') || requested[path.Length] == '/');

    /// <summary>The path of a cookie that names none: the folder of the request's.</summary>
    public static ReadOnlySpan<char> DefaultPath(ReadOnlySpan<char> requested)
    {
        var slash = requested.LastIndexOf('/');
        return slash <= 0 ? "/" : requested[..slash];
    }

    /// <summary>Whether a name keeps what its prefix promises of the cookie (section 4.1.3). A value without a name must not look like such a name.</summary>
    public static bool KeepsPrefix(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool isSecure, bool isHostOnly, ReadOnlySpan<char> path)
    {
        const StringComparison AnyCase = StringComparison.OrdinalIgnoreCase;
        if (name.IsEmpty)
            return !value.StartsWith("__Secure-", AnyCase) && !value.StartsWith("__Host-", AnyCase);
        if (name.StartsWith("__Secure-", AnyCase))
            return isSecure;
        return !name.StartsWith("__Host-", AnyCase) || (isSecure && isHostOnly && path is "/");
    }
}
