using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads <c>Set-Cookie</c> fields (RFC 6265, section 5.2). What is malformed is left out.</summary>
internal static class SetCookie
{
    private const int MaxCookies = 300;
    private const int MaxLength = 8192;

    public static IReadOnlyList<Cookie> Parse(IReadOnlyList<string> fields, Uri url)
    {
        var cookies = new List<Cookie>();
        foreach (var field in fields.Take(MaxCookies))
        {
            if (field.Length <= MaxLength && Parse(field, url) is { } cookie)
                cookies.Add(cookie);
        }
        return cookies;
    }

    private static Cookie? Parse(string field, Uri url)
    {
        var parts = field.Split(';');
        var equals = parts[0].IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || field.AsSpan().ContainsAnyInRange('\0', '\x08') || field.AsSpan().ContainsAnyInRange('\x0a', '\x1f'))
            return null;
        var cookie = new Cookie { Path = DefaultPath(url) };
        try
        {
            cookie.Name = parts[0][..equals].Trim();
            cookie.Value = parts[0][(equals + 1)..].Trim();
        }
        catch (CookieException)
        {
            return null;
        }
        // .NET's Cookie has no host-only flag: an empty domain says it.
        foreach (var part in parts.AsSpan(1))
            Attribute(cookie, part);
        return cookie;
    }

    private static void Attribute(Cookie cookie, string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? part : part[..equals]).Trim();
        var value = equals < 0 ? "" : part[(equals + 1)..].Trim();
        switch (name.ToLowerInvariant())
        {
            case "domain" when value.Length > 0:
                cookie.Domain = value.TrimStart('.').ToLowerInvariant();
                break;
            case "path" when value.StartsWith('/'):
                cookie.Path = value;
                break;
            case "secure":
                cookie.Secure = true;
                break;
            case "httponly":
                cookie.HttpOnly = true;
                break;
            case "max-age" when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds):
                cookie.Expires = seconds <= 0 ? DateTime.UnixEpoch : cookie.TimeStamp.ToUniversalTime().AddSeconds(Math.Min(seconds, 400L * 24 * 3600));
                break;
            case "expires" when cookie.Expires == default && DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var date):
                cookie.Expires = date;
                break;
        }
    }

    private static string DefaultPath(Uri url)
    {
        var path = url.AbsolutePath;
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }
}
