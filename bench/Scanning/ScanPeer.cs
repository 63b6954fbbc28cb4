namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>One scanner.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Where">What its command begins with, to be run in a namespace.</param>
/// <param name="Command">Its command.</param>
internal sealed record ScanPeer(string Name, string[] Where, string[] Command)
{
    /// <summary>How many times its time ours is to be at least; null for no goal.</summary>
    public double? Goal { get; init; }

    /// <summary>Whether its time is that of the scan alone, without the start of a process; ours beside it is then taken so, too.</summary>
    public bool IsInProcess { get; init; }
}
