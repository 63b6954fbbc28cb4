namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>One network to scan, and who scans it; ours is the first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Drop">A firewall's rule for what comes in; empty for none.</param>
/// <param name="Open">How many open ports there are to be found.</param>
/// <param name="Peers">Who scans.</param>
internal sealed record ScanScenario(string Name, string Drop, int Open, ScanPeer[] Peers);
