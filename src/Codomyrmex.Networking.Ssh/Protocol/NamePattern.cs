namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Patterns as <c>known_hosts</c> and <c>ssh_config</c> write them (ssh_config(5), PATTERNS): <c>*</c>, <c>?</c>, lists, negation.</summary>
internal static class NamePattern
{
    /// <summary>Whether one pattern matches the whole text. Takes time in proportion to both lengths, whatever the pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int at = 0, next = 0, star = -1, retry = 0;
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '*')
            {
                star = next++;
                retry = at;
            }
            else if (next < pattern.Length && (pattern[next] == '?' || pattern[next] == text[at]))
            {
                next++;
                at++;
            }
            else if (star >= 0)
            {
                next = star + 1;
                at = ++retry;
            }
            else
            {
                return false;
            }
        }
        return pattern[next..].TrimStart('*').IsEmpty;
    }

    /// <summary>Whether a list of patterns between commas matches: one of them does, and none with a <c>!</c> before it.</summary>
    public static bool ListMatches(ReadOnlySpan<char> list, ReadOnlySpan<char> text)
    {
        var isMatch = false;
        foreach (var range in list.Split(','))
        {
            var pattern = list[range].Trim();
            var isNegated = pattern.StartsWith('!');
            if (pattern.IsEmpty || !Matches(isNegated ? pattern[1..] : pattern, text))
                continue;
            if (isNegated)
                return false;
            isMatch = true;
        }
        return isMatch;
    }
}
