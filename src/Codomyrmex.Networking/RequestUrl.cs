using System.Globalization;

namespace Codomyrmex.Networking;

/// <summary>Turns what callers and servers write as a URL into one that means the same to the policy and to the socket.</summary>
internal static class RequestUrl
{
    /// <summary>Parses an absolute http or https URL strictly.</summary>
    /// <exception cref="ArgumentException">The URL is not one, with the reason.</exception>
    public static Uri ParseAbsolute(string url, string parameter)
    {
        ArgumentNullException.ThrowIfNull(url, parameter);
        return Read(url, null, out var problem) ?? throw Refused(url, problem, parameter);
    }

    /// <summary>Resolves a URL against a base and keeps it on the base's origin unless told otherwise.</summary>
    public static Uri Resolve(string url, Uri? baseUrl, bool allowOtherOrigins)
    {
        var resolved = Read(url, baseUrl, out var problem) ?? throw Refused(url, problem, nameof(url));
        // "//host/path" and "https://other/" both leave the base: the CVE class of an absolute URL that overrides it.
        if (baseUrl is not null && !allowOtherOrigins && Origin(resolved) != Origin(baseUrl))
            throw new ArgumentException($"'{Shown(url)}' leaves the origin of BaseUrl ({Origin(baseUrl)}); set AllowOtherOrigins if that is meant.", nameof(url));
        return resolved;
    }

    /// <summary>
    /// Reads a URL of a caller or a Location field. <see cref="Uri"/> is given the authority as we have read it, so that its own reading
    /// (backslashes, brackets, invisible characters, names beyond ASCII) has no say in whom the request goes to.
    /// </summary>
    /// <param name="url">An absolute URL, or with a base a relative one.</param>
    /// <param name="baseUrl">What relative URLs are resolved against.</param>
    /// <param name="problem">What is wrong with the URL, as the end of a sentence that begins with "it".</param>
    /// <returns>The URL, its host in the one spelling; null where something is wrong.</returns>
    public static Uri? Read(string url, Uri? baseUrl, out string problem)
    {
        problem = Problem(url) ?? "";
        if (problem.Length > 0)
            return null;
        var colon = url.AsSpan().IndexOfAny(":/?#");
        var scheme = colon >= 0 && url[colon] == ':' ? url[..colon].ToLowerInvariant() : null;
        var rest = url.AsSpan(scheme is null ? 0 : colon + 1);
        var hasAuthority = rest.StartsWith("//");
        problem = scheme is not (null or "http" or "https") ? $"has the scheme '{Printable.Text(scheme)}'; only http and https are sent"
            : scheme is not null && !hasAuthority ? "has no '//' after its scheme"
            : scheme is null && baseUrl is null ? "is not absolute; write http://host/path or https://host/path"
            : "";
        if (problem.Length > 0)
            return null;
        if (!hasAuthority)
            return Checked(Uri.TryCreate(baseUrl, url, out var relative), relative, Endpoint.Of(baseUrl!), ref problem);

        rest = rest[2..];
        var end = rest.IndexOfAny("/?#");
        var authority = UrlAuthority.Parse(end < 0 ? rest : rest[..end]);
        if (authority.Problem is not null)
        {
            problem = authority.Problem;
            return null;
        }
        scheme ??= baseUrl!.Scheme;
        var text = $"{scheme}://{authority.ToString()}{(end < 0 ? "" : rest[end..])}";
        var meant = new Endpoint(authority.Host, authority.Port ?? (scheme == "https" ? 443 : 80));
        return Checked(Uri.TryCreate(text, UriKind.Absolute, out var absolute), absolute, meant, ref problem);
    }

    /// <summary>The URL as text. <see cref="Uri.AbsoluteUri"/> alone forgets the zone of an address.</summary>
    public static string Text(Uri uri) => uri.IdnHost.Contains('%', StringComparison.Ordinal)
        ? At(uri, uri.PathAndQuery + uri.Fragment).OriginalString
        : uri.AbsoluteUri;

    /// <summary>The URL with another path, query and fragment.</summary>
    public static Uri At(Uri uri, string pathAndMore)
    {
        var endpoint = Endpoint.Of(uri);
        return new Uri($"{uri.Scheme}://{UrlAuthority.Of(endpoint.Host, endpoint.Port)}{pathAndMore}");
    }

    /// <summary>Scheme, host and port: what credentials are bound to (RFC 6454).</summary>
    public static string Origin(Uri uri) => string.Create(CultureInfo.InvariantCulture, $"{uri.Scheme}://{Endpoint.Of(uri)}");

    /// <summary>The URL without user and password, with secret query values masked.</summary>
    public static string Shown(string url) => Printable.Text(Redactor.Redact(url.Length > 2_000 ? url[..2_000] : url), 2_000);

    /// <summary>Takes user and password out of a URL.</summary>
    public static Uri WithoutUserInfo(Uri uri, out (string User, string Password)? userInfo)
    {
        userInfo = null;
        if (uri.UserInfo.Length == 0)
            return uri;
        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        userInfo = colon < 0
            ? (Uri.UnescapeDataString(uri.UserInfo), "")
            : (Uri.UnescapeDataString(uri.UserInfo[..colon]), Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]));
        return At(uri, uri.PathAndQuery + uri.Fragment);
    }

    private static string? Problem(string url)
    {
        foreach (var c in url)
        {
            if (c is <= ' ' or '\x7f')
                return "has a space or control character; escape it";
        }
        // Uri, as browsers do, takes a backslash for a slash; RFC 3986 has none, and other readers do not.
        var end = url.AsSpan().IndexOfAny("?#");
        return (end < 0 ? url : url.AsSpan(0, end)).Contains('\\') ? "has a backslash; escape it as %5C" : null;
    }

    private static Uri? Checked(bool isUrl, Uri? uri, Endpoint meant, ref string problem)
    {
        if (isUrl && Endpoint.Of(uri!) == meant)
            return uri;
        problem = isUrl ? "is read in more than one way" : "is not a URL";
        return null;
    }

    private static ArgumentException Refused(string url, string problem, string parameter) =>
        new($"'{Shown(url)}' is not a URL to send a request to: it {problem}.", parameter);
}
