namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="CrawlSite"/> is made of. The same options make the same site.</summary>
public sealed record CrawlSiteOptions
{
    /// <summary>Ordinary pages: <c>/</c> and <c>/p/1</c> to <c>/p/N-1</c>, each linked from its parent. The default value is 20,000.</summary>
    public int Pages { get; init; } = 20_000;

    /// <summary>Children of a page. The default value is 20: four steps from the first page to any of 20,000.</summary>
    public int Children { get; init; } = 20;

    /// <summary>Links of a page to others by chance, besides those to its children and its parents. The default value is 10.</summary>
    public int CrossLinks { get; init; } = 10;

    /// <summary>Words of text on a page. The default value is 300: some 4 KiB with the links.</summary>
    public int Words { get; init; } = 300;

    /// <summary>What chance begins with. The default value is 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Whether there are traps, all linked from <c>/traps</c>: a calendar without end, redirect chains and loops, pages that say "not found" with status 200, slow pages, duplicates, paths that
    /// lead ever deeper, parameters that follow visitors, busy and broken pages, odd charsets. The default value is true.
    /// </summary>
    public bool Traps { get; init; } = true;

    /// <summary>How long a slow page takes. The default value is 2 seconds.</summary>
    public TimeSpan Slow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause that robots.txt asks for, in seconds. The default value is null: none.</summary>
    public double? CrawlDelay { get; init; }

    /// <summary>Orphans: pages that only the sitemaps know. The default value is 100.</summary>
    public int Orphans { get; init; } = 100;

    /// <summary>How the server listens.</summary>
    public LoopbackServerOptions Server { get; init; } = new() { RecordedRequests = 0 };
}
