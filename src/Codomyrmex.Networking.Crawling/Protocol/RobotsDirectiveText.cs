namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>Reads directives for crawlers: words between commas.</summary>
internal static class RobotsDirectiveText
{
    /// <summary>Reads the value of an element, or of a field, in which a name and a colon may say for whom the words after it are.</summary>
    /// <param name="text">The words.</param>
    /// <param name="agent">The crawler's product token.</param>
    public static RobotsDirectives Read(ReadOnlySpan<char> text, ReadOnlySpan<char> agent)
    {
        var found = RobotsDirectives.None;
        var isForUs = true;
        foreach (var range in text.Split(','))
        {
            var word = text[range].Trim();
            var colon = word.IndexOf(':');
            // "unavailable_after: …" has a colon and is for everybody.
            if (colon > 0 && !word[..colon].Equals("unavailable_after", StringComparison.OrdinalIgnoreCase) && !word[..colon].StartsWith("max-", StringComparison.OrdinalIgnoreCase))
            {
                isForUs = word[..colon].Trim().Equals(agent, StringComparison.OrdinalIgnoreCase);
                word = word[(colon + 1)..].Trim();
            }
            if (!isForUs)
                continue;
            if (word.Equals("noindex", StringComparison.OrdinalIgnoreCase))
                found |= RobotsDirectives.NoIndex;
            else if (word.Equals("nofollow", StringComparison.OrdinalIgnoreCase))
                found |= RobotsDirectives.NoFollow;
            else if (word.Equals("none", StringComparison.OrdinalIgnoreCase))
                found |= RobotsDirectives.NoIndex | RobotsDirectives.NoFollow;
        }
        return found;
    }
}
