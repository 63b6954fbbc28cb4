namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a campaign that is forgotten leaves behind in other grains.</summary>
[GenerateSerializer, Immutable]
internal sealed record CampaignRemains
{
    /// <summary>Why it is not forgotten; null where it is.</summary>
    [Id(0)]
    public Refusal? Refusal { get; init; }

    /// <summary>How many shards each of its parts has.</summary>
    [Id(1)]
    public int[] Parts { get; init; } = [];

    /// <summary>The keys of its plans, of which some may never have been written.</summary>
    [Id(2)]
    public string[] Plans { get; init; } = [];

    public IEnumerable<ShardKey> Shards => Parts.SelectMany(static (shards, part) => Enumerable.Range(0, shards).Select(shard => new ShardKey(part, shard)));
}
