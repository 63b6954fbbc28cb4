namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Which shards have more findings than at an earlier time.</summary>
[GenerateSerializer, Immutable]
internal sealed record FindingIndex([property: Id(0)] long Version, [property: Id(1)] ShardFindings[] Shards, [property: Id(2)] bool IsOver);
