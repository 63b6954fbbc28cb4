namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>How far one part of a campaign has come. What is missing here after a crash, shards tell again.</summary>
internal sealed class PartDocument
{
    public int Shards { get; set; }

    public long Cells { get; set; }

    /// <summary>A bit for each shard that is done.</summary>
    public byte[] Done { get; set; } = [];

    /// <summary>The totals of the shards that are done.</summary>
    public ShardTotals Totals { get; set; } = ShardTotals.None;

    /// <summary>The totals of each shard that is begun and not done.</summary>
    public Dictionary<int, ShardTotals> UnderWay { get; set; } = [];

    /// <summary>How many findings each shard has that has any.</summary>
    public Dictionary<int, int> Findings { get; set; } = [];

    public bool IsDone(int shard) => (Done[shard >> 3] & (1 << (shard & 7))) != 0;
}
