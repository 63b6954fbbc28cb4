using System.Globalization;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Turns what callers and servers write as a URL into one that means the same to the policy and to the socket.</summary>
internal static class RequestUrl
{
    /// <summary>Parses an absolute http or https URL strictly.</summary>
    /// <exception cref="ArgumentException">The URL is not one, with the reason.</exception>
    public static Uri ParseAbsolute(string url, string parameter)
    {
        ArgumentNullException.ThrowIfNull(url, parameter);
        if (Problem(url) is { } problem)
            throw new ArgumentException($"'{Shown(url)}' is not a URL to send a request to: {problem}", parameter);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new ArgumentException($"'{Shown(url)}' is not an absolute URL; write http://host/path or https://host/path.", parameter);
        if (!IsHttp(uri))
            throw new ArgumentException($"'{Shown(url)}' has the scheme '{uri.Scheme}'; only http and https are sent.", parameter);
        return uri;
    }

    /// <summary>Resolves a URL against a base and keeps it on the base's origin unless told otherwise.</summary>
    public static Uri Resolve(string url, Uri? baseUrl, bool allowOtherOrigins)
    {
        if (baseUrl is null)
            return ParseAbsolute(url, nameof(url));
        if (Problem(url) is { } problem)
            throw new ArgumentException($"'{Shown(url)}' is not a URL to send a request to: {problem}", nameof(url));
        // "//host/path" and "https://other/" both leave the base: the CVE class of an absolute URL that overrides it.
        var resolved = Join(url, baseUrl);
        if (!IsHttp(resolved))
            throw new ArgumentException($"'{Shown(url)}' has the scheme '{resolved.Scheme}'; only http and https are sent.", nameof(url));
        if (!allowOtherOrigins && Origin(resolved) != Origin(baseUrl))
            throw new ArgumentException($"'{Shown(url)}' leaves the origin of BaseUrl ({Origin(baseUrl)}); set AllowOtherOrigins if that is meant.", nameof(url));
        return resolved;
    }

    /// <summary>What is wrong with a URL that <see cref="Uri"/> might still accept in its own way, or null.</summary>
    public static string? Problem(string url)
    {
        foreach (var c in url)
        {
            if (c is <= ' ' or '\x7f')
                return "it has a space or control character; escape it.";
        }
        var authority = Authority(url);
        if (authority.Contains('\\'))
            return "its host has a backslash.";
        var at = authority.LastIndexOf('@');
        var host = authority[(at + 1)..];
        if (host.Contains('%') && !host.StartsWith('['))
            return "its host has a percent escape.";
        // Where Uri takes what follows the bracket for a path, others take it for the host.
        if (host.StartsWith('[') && host[(host.IndexOf(']') + 1)..] is { IsEmpty: false } rest && rest[0] != ':')
            return "its host goes on behind an IPv6 address.";
        return null;
    }

    /// <summary>Scheme, host and port: what credentials are bound to (RFC 6454).</summary>
    public static string Origin(Uri uri) => string.Create(CultureInfo.InvariantCulture, $"{uri.Scheme}://{new Endpoint(uri.IdnHost.TrimEnd('.'), uri.Port)}");

    public static bool IsHttp(Uri uri) => uri.Scheme is "http" or "https";

    /// <summary>The URL without user and password, with secret query values masked.</summary>
    public static string Shown(string url) => Redactor.Redact(url.Length > 2_000 ? url[..2_000] : url);

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
        return new UriBuilder(uri) { UserName = "", Password = "" }.Uri;
    }

    private static Uri Join(string url, Uri baseUrl)
    {
        if (!Uri.TryCreate(baseUrl, url, out var resolved))
            throw new ArgumentException($"'{Shown(url)}' is not a URL.", nameof(url));
        return resolved;
    }

    private static ReadOnlySpan<char> Authority(string url)
    {
        var start = url.IndexOf("//", StringComparison.Ordinal);
        if (start < 0 || url.AsSpan(0, start).IndexOfAny("/?#") >= 0)
            return [];
        var rest = url.AsSpan(start + 2);
        var end = rest.IndexOfAny("/?#");
        return end < 0 ? rest : rest[..end];
    }
}
