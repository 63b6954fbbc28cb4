using Codomyrmex.Networking.Fleet.Internal.Campaigns;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>What is written down of a shard.</summary>
public sealed class ShardDocumentTests
{
    [Fact]
    public void Finding_is_recorded_once_whoever_tells_of_it_and_how_often()
    {
        var document = new ShardDocument();
        var commit = new ShardCommit { Cells = 10, Open = [Finding(3), Finding(4)], Closed = [1, 2], Filtered = [5], Probes = 7 };
        document.Take(commit);
        document.Take(commit);
        document.Take(new ShardCommit { Cells = 10, Open = [Finding(4), Finding(1)], Closed = [3, 6] });
        Assert.Equal([3, 4], document.Findings.Select(static finding => finding.Cell));
        Assert.Equal((2L, 3L, 1L, 6L), (document.Totals.Open, document.Closed, document.Filtered, document.Totals.Done));
    }

    [Fact]
    public void Shard_that_is_done_keeps_its_findings_and_no_bits()
    {
        var document = new ShardDocument();
        document.Take(new ShardCommit { Cells = 1000, Open = [Finding(3)], Closed = [.. Enumerable.Range(10, 500)] });
        Assert.Equal(125, document.Done.Length);
        document.Take(new ShardCommit { Cells = 1000, IsComplete = true });
        document.Take(new ShardCommit { Cells = 1000, Open = [Finding(9)] });
        Assert.Empty(document.Done);
        Assert.Single(document.Findings);
        Assert.Equal(1000, document.Totals.Done);
    }

    private static FindingRecord Finding(int cell) => new() { Cell = cell, Host = "h", Address = "10.0.0.1", Port = cell + 1 };
}
