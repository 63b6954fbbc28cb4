using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>A <c>Set-Cookie</c> field as it came, taken apart (RFC 6265bis, section 5.6). What the attributes mean for a host is not judged here.</summary>
internal readonly ref struct SetCookieField
{
    /// <summary>Characters of name and value together.</summary>
    public const int MostCharacters = 4096;

    private const int LongestAttribute = 1024;

    public ReadOnlySpan<char> Name { get; private init; }

    public ReadOnlySpan<char> Value { get; private init; }

    /// <summary>The last <c>Domain</c>, without a dot at its beginning, as written; empty without one.</summary>
    public ReadOnlySpan<char> Domain { get; private init; }

    /// <summary>The last <c>Path</c> where it begins with a slash; empty otherwise: the default.</summary>
    public ReadOnlySpan<char> Path { get; private init; }

    public bool IsSecure { get; private init; }

    public bool IsHttpOnly { get; private init; }

    public CookieSameSite SameSite { get; private init; }

    /// <summary>The last <c>Max-Age</c> in seconds; null without one.</summary>
    public long? MaxAge { get; private init; }

    /// <summary>The last <c>Expires</c>; null without one that is a date.</summary>
    public DateTimeOffset? Expires { get; private init; }

    /// <summary>Takes a field apart.</summary>
    /// <returns>False where the cookie must be ignored as a whole.</returns>
    public static bool TryParse(ReadOnlySpan<char> field, out SetCookieField cookie)
    {
        cookie = default;
        // All controls but the tab. Which of them a server's software takes for an end is not for us to find out (CVE-2022-35252).
        if (field.ContainsAnyInRange('\0', '\x08') || field.ContainsAnyInRange('\x0a', '\x1f') || field.Contains('\x7f'))
            return false;
        var pair = Next(ref field);
        var equals = pair.IndexOf('=');
        var name = Trim(equals < 0 ? [] : pair[..equals]);
        var value = Trim(pair[(equals + 1)..]);
        if (name.Length + value.Length is 0 or > MostCharacters)
            return false;
        cookie = new SetCookieField { Name = name, Value = value };
        while (!field.IsEmpty)
        {
            var attribute = Next(ref field);
            equals = attribute.IndexOf('=');
            var argument = equals < 0 ? [] : Trim(attribute[(equals + 1)..]);
            if (argument.Length <= LongestAttribute)
                cookie = cookie.With(Trim(equals < 0 ? attribute : attribute[..equals]), argument);
        }
        return true;
    }

    /// <summary>When the cookie ends: never later than 400 days from now (section 5.5); null for the end of the session.</summary>
    public DateTimeOffset? EndsAt(DateTimeOffset now)
    {
        var last = now.AddDays(400);
        if (MaxAge is { } seconds)
            return seconds <= 0 ? DateTimeOffset.MinValue : seconds < 400L * 24 * 3600 ? now.AddSeconds(seconds) : last;
        return Expires > last ? last : Expires;
    }

    private SetCookieField With(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (Is(name, "Domain"))
            return this with { Domain = value.StartsWith('.') ? value[1..] : value };
        if (Is(name, "Path"))
            return this with { Path = value.StartsWith('/') ? value : [] };
        if (Is(name, "Secure"))
            return this with { IsSecure = true };
        if (Is(name, "HttpOnly"))
            return this with { IsHttpOnly = true };
        if (Is(name, "SameSite"))
            return this with { SameSite = Is(value, "Strict") ? CookieSameSite.Strict : Is(value, "Lax") ? CookieSameSite.Lax : Is(value, "None") ? CookieSameSite.None : CookieSameSite.Unspecified };
        if (Is(name, "Max-Age") && Seconds(value) is { } seconds)
            return this with { MaxAge = seconds };
        if (Is(name, "Expires") && CookieDate.Parse(value) is { } date)
            return this with { Expires = date };
        return this;
    }

    private static long? Seconds(ReadOnlySpan<char> value)
    {
        var isNegative = value.StartsWith('-');
        var digits = isNegative ? value[1..] : value;
        if (digits.ContainsAnyExceptInRange('0', '9') || value.IsEmpty)
            return null;
        if (isNegative)
            return 0;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : long.MaxValue;
    }

    private static ReadOnlySpan<char> Next(scoped ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(';');
        var part = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return part;
    }

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");
}
