namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Where a shard stands.</summary>
[GenerateSerializer, Immutable]
internal sealed record ShardProgress([property: Id(0)] ShardKey Key, [property: Id(1)] ShardTotals Totals);
