using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Which URL has shown which content first. Thread-safe.</summary>
internal sealed class ContentIndex
{
    private readonly ConcurrentDictionary<UInt128, string> _first = new();

    /// <summary>The URL that showed the content first; null where it is this one.</summary>
    public string? FirstOf(UInt128 hash, string url)
    {
        var first = _first.GetOrAdd(hash, url);
        return first.Equals(url, StringComparison.Ordinal) ? null : first;
    }
}
