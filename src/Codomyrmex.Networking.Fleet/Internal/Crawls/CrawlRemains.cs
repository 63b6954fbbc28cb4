using Codomyrmex.Networking.Fleet.Internal.Campaigns;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a crawl that is forgotten leaves behind in other grains.</summary>
[GenerateSerializer, Immutable]
internal sealed record CrawlRemains
{
    /// <summary>Why it is not forgotten; null where it is.</summary>
    [Id(0)]
    public Refusal? Refusal { get; init; }

    /// <summary>Its hosts.</summary>
    [Id(1)]
    public string[] Origins { get; init; } = [];
}
