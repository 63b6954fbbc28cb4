namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>What URLs look like when a site makes them up without end.</summary>
internal static class UrlShape
{
    /// <summary>Whether two URLs differ in their numbers alone: <c>/calendar/2026/11</c> and <c>/calendar/2026/12</c>.</summary>
    public static bool IsSame(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        int i = 0, j = 0;
        while (i < one.Length && j < other.Length)
        {
            if (char.IsAsciiDigit(one[i]) && char.IsAsciiDigit(other[j]))
            {
                i = AfterDigits(one, i);
                j = AfterDigits(other, j);
            }
            else if (one[i++] != other[j++])
            {
                return false;
            }
        }
        return i == one.Length && j == other.Length;
    }

    /// <summary>How often the segment of a path that is repeated most is there: relative links that lead ever deeper say it again and again.</summary>
    public static int Repetitions(ReadOnlySpan<char> url)
    {
        var end = url.IndexOf('?');
        var path = end < 0 ? url : url[..end];
        var start = path.IndexOf("://");
        path = start < 0 ? path : path[(start + 3)..];
        var host = path.IndexOf('/');
        if (host < 0)
            return 0;
        path = path[(host + 1)..];
        var most = 0;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in path.Split('/'))
        {
            if (path[range] is not { IsEmpty: false } segment)
                continue;
            counts.TryGetValue(segment, out var count);
            counts[segment] = ++count;
            most = Math.Max(most, count);
        }
        return most;
    }

    private static int AfterDigits(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return at;
    }
}
