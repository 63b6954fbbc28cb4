namespace Codomyrmex.Networking.Crawling;

/// <summary>How a page stands to what an earlier crawl of the same state file found.</summary>
public enum PageChange
{
    /// <summary>It was not known before; without a state file every page is new.</summary>
    New,

    /// <summary>Its content is another than before.</summary>
    Changed,

    /// <summary>It was fetched, and its content is the same as before.</summary>
    Unchanged,

    /// <summary>The server said that it is as it was (304), and sent nothing.</summary>
    NotModified,
}
