namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>A URL of a crawl that goes on.</summary>
internal readonly record struct StoredUrl(
    UInt128 Key, string Url, int Depth, int Chain, int Redirects, string? Referrer, PageOutcome Outcome, byte[]? Hash, int? Status);
