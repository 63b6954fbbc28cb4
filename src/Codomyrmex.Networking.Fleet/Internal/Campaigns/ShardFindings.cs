namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>How many findings a shard has.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct ShardFindings([property: Id(0)] ShardKey Key, [property: Id(1)] int Count);
