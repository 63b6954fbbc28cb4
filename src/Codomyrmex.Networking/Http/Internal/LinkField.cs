namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads <c>Link</c> fields (RFC 8288, section 3 and appendix B.2). Lenient: what is malformed is left out.</summary>
internal static class LinkField
{
    private const int MaxLinks = 1000;

    public static IReadOnlyList<WebLink> Parse(IReadOnlyList<string> fields, Uri baseUrl)
    {
        var links = new List<WebLink>();
        foreach (var field in fields)
            Parse(field, baseUrl, links);
        return links;
    }

    private static void Parse(ReadOnlySpan<char> rest, Uri baseUrl, List<WebLink> links)
    {
        while (links.Count < MaxLinks)
        {
            rest = rest.TrimStart(" \t,");
            if (rest.IsEmpty || rest[0] != '<')
                return;
            var end = rest.IndexOf('>');
            if (end < 0)
                return;
            var target = rest[1..end].Trim().ToString();
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            rest = Parameters(rest[(end + 1)..], parameters);
            if (!Uri.TryCreate(baseUrl, target, out var url))
                continue;
            parameters.Remove("rel", out var relations);
            foreach (var relation in (relations ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                links.Add(new WebLink(url, relation.ToLowerInvariant(), parameters));
        }
    }

    private static ReadOnlySpan<char> Parameters(ReadOnlySpan<char> rest, Dictionary<string, string> parameters)
    {
        while (true)
        {
            rest = rest.TrimStart(" \t");
            if (rest.IsEmpty || rest[0] != ';')
                return rest;
            rest = rest[1..].TrimStart(" \t");
            var nameEnd = rest.IndexOfAny("=;,");
            if (nameEnd < 0)
                return [];
            var name = rest[..nameEnd].Trim().ToString().ToLowerInvariant();
            rest = rest[nameEnd..];
            var value = "";
            if (rest[0] == '=')
                rest = Value(rest[1..].TrimStart(" \t"), out value);
            // The first of several equal names counts (RFC 8288, section 3.3).
            if (name.Length > 0)
                parameters.TryAdd(name, value);
        }
    }

    private static ReadOnlySpan<char> Value(ReadOnlySpan<char> rest, out string value)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            var end = rest.IndexOfAny(";,");
            value = (end < 0 ? rest : rest[..end]).Trim().ToString();
            return end < 0 ? [] : rest[end..];
        }
        var text = new System.Text.StringBuilder();
        var i = 1;
        for (; i < rest.Length && rest[i] != '"'; i++)
        {
            if (rest[i] == '\\' && i + 1 < rest.Length)
                i++;
            text.Append(rest[i]);
        }
        value = text.ToString();
        return i < rest.Length ? rest[(i + 1)..] : [];
    }
}
