using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>A <c>Strict-Transport-Security</c> field (RFC 6797, section 6.1).</summary>
/// <param name="MaxAge">For how many seconds; 0 to forget the host.</param>
/// <param name="IncludesSubdomains">Whether names below the host are meant too.</param>
internal readonly record struct HstsField(long MaxAge, bool IncludesSubdomains)
{
    /// <summary>Ten years: longer than any list is kept, and no date overflows.</summary>
    public const long LongestAge = 10L * 365 * 24 * 3600;

    /// <summary>Reads the field; null where it breaks the rules, and so says nothing: a directive twice, no age, one that is no number.</summary>
    public static HstsField? Parse(ReadOnlySpan<char> field)
    {
        long? age = null;
        var includesSubdomains = false;
        while (!field.IsEmpty)
        {
            var directive = Next(ref field);
            var equals = directive.IndexOf('=');
            var name = (equals < 0 ? directive : directive[..equals]).Trim(" \t");
            var value = (equals < 0 ? [] : directive[(equals + 1)..]).Trim(" \t");
            if (name.Equals("max-age", StringComparison.OrdinalIgnoreCase))
            {
                if (age is not null || Seconds(value) is not { } seconds)
                    return null;
                age = seconds;
            }
            else if (name.Equals("includeSubDomains", StringComparison.OrdinalIgnoreCase))
            {
                if (includesSubdomains || equals >= 0)
                    return null;
                includesSubdomains = true;
            }
        }
        return age is null ? null : new HstsField(age.Value, includesSubdomains);
    }

    /// <summary>Up to the next semicolon that is not within quotes.</summary>
    private static ReadOnlySpan<char> Next(scoped ref ReadOnlySpan<char> rest)
    {
        var isQuoted = false;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '\\' && isQuoted)
            {
                i++;
            }
            else if (rest[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (rest[i] == ';' && !isQuoted)
            {
                var part = rest[..i];
                rest = rest[(i + 1)..];
                return part;
            }
        }
        var last = rest;
        rest = [];
        return last;
    }

    private static long? Seconds(ReadOnlySpan<char> value)
    {
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
            value = value[1..^1];
        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
            return null;
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, LongestAge) : LongestAge;
    }
}
