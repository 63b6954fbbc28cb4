using System.Net;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Shows <c>Set-Cookie</c> fields (RFC 6265bis, section 5.6) as the platform's cookies, attributes as the server sent them. What is malformed is left out.</summary>
internal static class SetCookie
{
    private const int MaxCookies = 300;

    public static IReadOnlyList<Cookie> Parse(IReadOnlyList<string> fields, Uri url)
    {
        var cookies = new List<Cookie>();
        foreach (var field in fields.Take(MaxCookies))
        {
            if (SetCookieField.TryParse(field, out var parsed) && Of(parsed, url) is { } cookie)
                cookies.Add(cookie);
        }
        return cookies;
    }

    private static Cookie? Of(SetCookieField field, Uri url)
    {
        var cookie = new Cookie { Path = (field.Path.IsEmpty ? CookieRules.DefaultPath(url.AbsolutePath) : field.Path).ToString() };
        try
        {
            cookie.Name = field.Name.ToString();
            cookie.Value = field.Value.ToString();
        }
        catch (CookieException)
        {
            // The platform's cookie must have a name of a token's characters; a jar keeps others too.
            return null;
        }
        // .NET's Cookie has no host-only flag: an empty domain says it.
        if (!field.Domain.IsEmpty)
            cookie.Domain = field.Domain.ToString().ToLowerInvariant();
        cookie.Secure = field.IsSecure;
        cookie.HttpOnly = field.IsHttpOnly;
        var end = field.MaxAge is null ? field.Expires : field.EndsAt(new DateTimeOffset(cookie.TimeStamp.ToUniversalTime()));
        if (end is { } date)
            cookie.Expires = date == DateTimeOffset.MinValue ? DateTime.UnixEpoch : date.UtcDateTime;
        return cookie;
    }
}
