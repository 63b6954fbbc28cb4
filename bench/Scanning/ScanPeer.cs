namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>One scanner.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Where">What its command begins with, to be run in a namespace.</param>
/// <param name="Command">Its command.</param>
internal sealed record ScanPeer(string Name, string[] Where, string[] Command);
