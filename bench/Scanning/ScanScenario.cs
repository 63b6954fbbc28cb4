namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>One network to scan, and who scans it; ours is the first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Drop">A firewall's rule for what comes in; empty for none.</param>
/// <param name="Open">How many open ports there are to be found.</param>
/// <param name="Peers">Who scans.</param>
internal sealed record ScanScenario(string Name, string Drop, int Open, ScanPeer[] Peers)
{
    /// <summary>The rounds, where they are not those of the command line.</summary>
    public int? Rounds { get; init; }

    /// <summary>The seconds that ours may take at most; null for no goal.</summary>
    public double? Most { get; init; }
}
