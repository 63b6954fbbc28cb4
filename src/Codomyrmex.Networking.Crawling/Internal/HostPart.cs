using Codomyrmex.Networking.Crawling.Internal.Storage;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>
/// One host of a crawl whose other hosts are crawled elsewhere. Of what is found, what lies on other hosts is written down like all else, and visited by whoever has them. A run of it
/// does not end by itself, since others may find more for it.
/// </summary>
/// <param name="Origin">Its scheme, host and port.</param>
/// <param name="Log">Where what becomes of its URLs is written down.</param>
/// <param name="Gate">Says whether it may be asked now.</param>
internal sealed record HostPart(string Origin, IVisitLog Log, IVisitGate Gate)
{
    /// <summary>The seeds of the whole crawl, in their one spelling.</summary>
    public required IReadOnlyList<string> Seeds { get; init; }

    /// <summary>What is known of its URLs.</summary>
    public required IReadOnlyList<StoredUrl> Known { get; init; }

    /// <summary>What is known of the host itself.</summary>
    public required HostMemory Memory { get; init; }

    /// <summary>Called when nothing is left to visit, and when the host is to be left alone for a while. Under a lock.</summary>
    public required Action Changed { get; init; }
}
