namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What a visit is for. The numbers are in files: none may change.</summary>
internal enum VisitKind
{
    Page = 0,
    Sitemap = 1,
}
