namespace Codomyrmex.Networking.Crawling;

/// <summary>What of a page says a link.</summary>
public enum LinkKind
{
    /// <summary>An <c>a</c> or <c>area</c> element.</summary>
    Anchor,

    /// <summary>A <c>link</c> element that leads to another page: <c>next</c>, <c>prev</c>, <c>alternate</c>.</summary>
    Related,

    /// <summary>The page's own name for itself: <c>link rel=canonical</c>.</summary>
    Canonical,

    /// <summary>A <c>frame</c> or <c>iframe</c>.</summary>
    Frame,

    /// <summary>A <c>meta</c> element that sends the visitor on (<c>http-equiv=refresh</c>).</summary>
    Refresh,
}
