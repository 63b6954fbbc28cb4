namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Where a shard stands.</summary>
/// <param name="Key">Which.</param>
/// <param name="Totals">What is written down of it.</param>
/// <param name="FinishedBy">The key of the plan of which nothing is left to ask there; empty where something is.</param>
[GenerateSerializer, Immutable]
internal sealed record ShardProgress([property: Id(0)] ShardKey Key, [property: Id(1)] ShardTotals Totals, [property: Id(2)] string FinishedBy);
