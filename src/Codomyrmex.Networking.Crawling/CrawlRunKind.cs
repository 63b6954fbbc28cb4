namespace Codomyrmex.Networking.Crawling;

/// <summary>How a run stands to what its <see cref="CrawlerOptions.StateFile"/> knows.</summary>
public enum CrawlRunKind
{
    /// <summary>Nothing was known.</summary>
    First,

    /// <summary>It goes on with a crawl that was not finished.</summary>
    Resumed,

    /// <summary>
    /// The crawl was finished, and this run reaches further: more seeds, a wider <see cref="CrawlScope"/>, a greater <see cref="CrawlLimits.Depth"/>. It asks for what was left out,
    /// and for nothing that was visited.
    /// </summary>
    Widened,

    /// <summary>The crawl was finished: it visits again what is known, asking only for what has changed, and follows what is new.</summary>
    Again,
}
