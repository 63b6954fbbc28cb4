namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>A URL that waits, or is being visited.</summary>
internal sealed class Visit(string url, UInt128 key, HostLane lane)
{
    public string Url { get; } = url;

    public UInt128 Key { get; } = key;

    public HostLane Lane { get; } = lane;

    public VisitKind Kind { get; init; }

    /// <summary>Links from a seed.</summary>
    public int Depth { get; init; }

    /// <summary>Links in a row that changed nothing but numbers.</summary>
    public int Chain { get; init; }

    /// <summary>Redirects on the way here; indexes on the way to a sitemap.</summary>
    public int Redirects { get; init; }

    /// <summary>The page that it was found on, or the URL that sent the visitor here.</summary>
    public string? Referrer { get; init; }

    /// <summary>How often it was sent again.</summary>
    public int Tries { get; set; }

    /// <summary>The path and the query.</summary>
    public ReadOnlySpan<char> PathAndQuery => Url.Length > Lane.Origin.Length ? Url.AsSpan(Lane.Origin.Length) : "/";
}
