namespace Codomyrmex.Networking.Scanning;

/// <summary>How far a scan has come.</summary>
public readonly record struct ScanStatistics
{
    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Addresses in the plan.</summary>
    public long Hosts { get; init; }

    /// <summary>Addresses that are done.</summary>
    public long HostsDone { get; init; }

    /// <summary>Pairs of an address and a port in the plan.</summary>
    public long Ports { get; init; }

    /// <summary>Pairs whose state is known, or that were left out.</summary>
    public long PortsDone { get; init; }

    /// <summary>Ports found open so far.</summary>
    public long Open { get; init; }

    /// <summary>Ports found closed so far.</summary>
    public long Closed { get; init; }

    /// <summary>Ports found filtered so far.</summary>
    public long Filtered { get; init; }

    /// <summary>Ports of UDP that are open or filtered, so far.</summary>
    public long OpenOrFiltered { get; init; }

    /// <summary>Probes sent so far, repeats, canaries and discovery included.</summary>
    public long ProbesSent { get; init; }

    /// <summary>Probes under way now.</summary>
    public int InFlight { get; init; }

    /// <summary>Probes a second, over the last second or so.</summary>
    public double ProbesPerSecond { get; init; }

    /// <summary>The share of known-answering ports that answered when asked again, 0 to 1; 1 as long as none was asked.</summary>
    public double Recall { get; init; }

    /// <summary>An estimate of the time still needed; null where nothing can be said yet.</summary>
    public TimeSpan? Remaining { get; init; }
}
