namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Where a shard stands: what a run goes on from.</summary>
[GenerateSerializer, Immutable]
internal sealed record ShardCheckpoint([property: Id(0)] byte[] Done, [property: Id(1)] ShardTotals Totals)
{
    public bool IsDone(int cell) => Totals.IsComplete || (Done.Length > 0 && (Done[cell >> 3] & (1 << (cell & 7))) != 0);
}
