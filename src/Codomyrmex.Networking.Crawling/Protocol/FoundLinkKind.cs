namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>The same as <see cref="LinkKind"/>, in the same order: parsers know nothing of those above them.</summary>
internal enum FoundLinkKind
{
    Anchor,
    Related,
    Canonical,
    Frame,
    Refresh,
}
