namespace Codomyrmex.Networking.Scanning;

/// <summary>How a scan went: its counts, and how sure it is.</summary>
public sealed record ScanSummary
{
    /// <summary>Addresses in the plan.</summary>
    public required long Hosts { get; init; }

    /// <summary>Of these, addresses that answered anything.</summary>
    public required long HostsUp { get; init; }

    /// <summary>Of these, addresses that showed no sign of life and were not scanned.</summary>
    public long HostsDown { get; init; }

    /// <summary>Pairs of an address and a port in the plan.</summary>
    public required long Ports { get; init; }

    /// <summary>Ports found open.</summary>
    public required long Open { get; init; }

    /// <summary>Ports found closed.</summary>
    public required long Closed { get; init; }

    /// <summary>Ports found filtered.</summary>
    public required long Filtered { get; init; }

    /// <summary>Ports of UDP that are open or filtered.</summary>
    public required long OpenOrFiltered { get; init; }

    /// <summary>Ports not asked: of hosts that are down, or left out by the egress policy or the scope.</summary>
    public long Skipped { get; init; }

    /// <summary>Probes sent, repeats, canaries and discovery included.</summary>
    public required long ProbesSent { get; init; }

    /// <summary>Probes that were sent since an earlier one to the same port had no answer.</summary>
    public long Repeats { get; init; }

    /// <summary>From start to end.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// The share of canaries that answered, 0 to 1: ports known to answer that were asked again while the scan went on, each once. What a scan without
    /// repeats would have found. 1 where there was no canary (<see cref="Canaries"/> is 0).
    /// </summary>
    public required double Recall { get; init; }

    /// <summary>Canaries sent.</summary>
    public long Canaries { get; init; }

    /// <summary>
    /// How likely it is that an answering port was found, 0 to 1: <see cref="Recall"/> with the repeats that every silent port was given.
    /// </summary>
    public required double Confidence { get; init; }

    /// <summary>How TCP ports were asked: <see cref="ScanMode.Connect"/> or <see cref="ScanMode.Syn"/>.</summary>
    public required ScanMode Mode { get; init; }

    /// <summary>Why so, in words.</summary>
    public required string ModeReason { get; init; }

    /// <summary>Whether the plan was scanned to its end; false after a cancellation.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>What a reader should know, in the order in which it was noticed; at most <c>1,000</c>.</summary>
    public IReadOnlyList<ScanNote> Notes { get; init; } = [];
}
