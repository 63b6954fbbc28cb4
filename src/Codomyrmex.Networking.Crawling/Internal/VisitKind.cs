namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What a visit is for.</summary>
internal enum VisitKind
{
    Page,
    Sitemap,
}
