namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a shard's grain keeps. Findings and the cells that are done are in one document, so that neither is written without the other.</summary>
internal sealed class ShardDocument
{
    public int Cells { get; set; }

    /// <summary>A bit for each cell that is done; empty once all are.</summary>
    public byte[] Done { get; set; } = [];

    public List<FindingRecord> Findings { get; set; } = [];

    public long Closed { get; set; }

    public long Filtered { get; set; }

    public long OpenOrFiltered { get; set; }

    public long Probes { get; set; }

    public bool IsComplete { get; set; }

    public ShardTotals Totals => new()
    {
        Cells = Cells,
        Open = Findings.Count,
        Closed = Closed,
        Filtered = Filtered,
        OpenOrFiltered = OpenOrFiltered,
        Probes = Probes,
        IsComplete = IsComplete,
    };

    /// <summary>Takes what a run found. Whatever is known already is left as it is, so it does not matter how often, in which order and by how many runs a cell is told of.</summary>
    public void Take(ShardCommit commit)
    {
        Cells = commit.Cells;
        Probes += commit.Probes;
        if (IsComplete)
            return;
        if (Done.Length == 0)
            Done = new byte[(Cells + 7) / 8];
        foreach (var finding in commit.Open)
        {
            if (Mark(finding.Cell))
                Findings.Add(finding);
        }
        Closed += commit.Closed.Count(Mark);
        Filtered += commit.Filtered.Count(Mark);
        OpenOrFiltered += commit.OpenOrFiltered.Count(Mark);
        if (commit.IsComplete)
            (IsComplete, Done) = (true, []);
    }

    private bool Mark(int cell)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cell, (uint)Cells);
        var bit = (byte)(1 << (cell & 7));
        if ((Done[cell >> 3] & bit) != 0)
            return false;
        Done[cell >> 3] |= bit;
        return true;
    }
}
