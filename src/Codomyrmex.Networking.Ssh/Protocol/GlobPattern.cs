using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>
/// A part of a path with wildcards: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>, and a backslash that takes the meaning away. A name that begins with a dot is met only by a pattern that does (glob(7)).
/// </summary>
internal static class GlobPattern
{
    public static bool HasWildcards(string part) => part.AsSpan().IndexOfAny("*?[\\") >= 0;

    /// <summary>The part without its backslashes: what it names where it has no wildcards.</summary>
    public static string Plain(string part)
    {
        var text = new StringBuilder();
        for (var i = 0; i < part.Length; i++)
            text.Append(part[i] == '\\' && i + 1 < part.Length ? part[++i] : part[i]);
        return text.ToString();
    }

    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (name.Length > 0 && name[0] == '.' && (pattern.Length == 0 || pattern[0] != '.'))
            return false;
        // Two places to go on from are enough: where the last star stood. The time is the product of the lengths at most.
        var (p, n, starPattern, starName) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (starPattern, starName) = (++p, n);
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, name[n]))
            {
                n++;
            }
            else if (starPattern >= 0)
            {
                (p, n) = (starPattern, ++starName);
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int at, char c)
    {
        switch (pattern[at])
        {
            case '?':
                at++;
                return true;
            case '[' when SetEnd(pattern, at) is > 0 and var end:
                var isIn = IsInSet(pattern[(at + 1)..end], c);
                at = isIn ? end + 1 : at;
                return isIn;
            case '\\' when at + 1 < pattern.Length:
                if (pattern[at + 1] != c)
                    return false;
                at += 2;
                return true;
            default:
                if (pattern[at] != c)
                    return false;
                at++;
                return true;
        }
    }

    // A bracket right behind the beginning is one of the set.
    private static int SetEnd(ReadOnlySpan<char> pattern, int start)
    {
        var from = start + 1;
        if (from < pattern.Length && pattern[from] is '!' or '^')
            from++;
        if (from < pattern.Length)
            from++;
        var end = from <= pattern.Length ? pattern[from..].IndexOf(']') : -1;
        return end < 0 ? -1 : from + end;
    }

    private static bool IsInSet(ReadOnlySpan<char> set, char c)
    {
        var isNegated = set.Length > 0 && set[0] is '!' or '^';
        if (isNegated)
            set = set[1..];
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (c >= set[i] && c <= set[i + 2])
                    return !isNegated;
                i += 2;
            }
            else if (set[i] == c)
            {
                return !isNegated;
            }
        }
        return isNegated;
    }
}
