namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What an earlier crawl knows of a page.</summary>
/// <param name="Hash">The hash of its content; null where none was seen.</param>
/// <param name="ETag">Its validator, as sent.</param>
/// <param name="LastModified">When it was changed last, as sent.</param>
internal sealed record StoredPage(byte[]? Hash, string? ETag, string? LastModified);
