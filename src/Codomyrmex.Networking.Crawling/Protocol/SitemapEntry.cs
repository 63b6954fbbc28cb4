namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>What a sitemap names.</summary>
/// <param name="Url">The URL, as written.</param>
/// <param name="IsSitemap">Whether it is another sitemap, and no page.</param>
internal readonly record struct SitemapEntry(string Url, bool IsSitemap);
