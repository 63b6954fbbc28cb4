namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What pages of one making have in common: their tags and, but for the name of the page itself, their title.</summary>
internal readonly record struct PageSignature(ulong Structure, string Title)
{
    private static readonly string[] Beginnings = ["404", "error 404", "not found", "page not found", "file not found"];

    public static PageSignature Of(ulong structure, string? title, ReadOnlySpan<char> pathAndQuery)
    {
        var end = pathAndQuery.IndexOf('?');
        var path = (end < 0 ? pathAndQuery : pathAndQuery[..end]).TrimEnd('/');
        var name = path[(path.LastIndexOf('/') + 1)..].ToString();
        return new(structure, name.Length < 3 ? title ?? "" : (title ?? "").Replace(name, "*", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the title itself says that nothing is here.</summary>
    public static bool SaysNotFound(string? title)
    {
        if (title is null)
            return false;
        foreach (var beginning in Beginnings)
        {
            if (title.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) && (title.Length == beginning.Length || !char.IsLetterOrDigit(title[beginning.Length])))
                return true;
        }
        return false;
    }
}
