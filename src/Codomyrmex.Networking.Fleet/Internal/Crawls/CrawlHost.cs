namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A host of a crawl, as the crawl's grain keeps it.</summary>
internal sealed class CrawlHost
{
    public required string Origin { get; set; }

    /// <summary>How many URLs the host was said to have when there was last something new for it.</summary>
    public int Woken { get; set; }

    /// <summary>How many it had when it was last said that nothing is left to do; -1 for never.</summary>
    public int DoneAt { get; set; } = -1;

    public HostTotals Totals { get; set; } = HostTotals.None;

    /// <summary>Whether nothing is left to do: whoever said so had seen all that there was.</summary>
    public bool IsDone => DoneAt >= Woken;
}
