namespace Codomyrmex.Networking.Scanning;

/// <summary>A scan that is over: what was found and how it went. What reports are written from and compared by. Immutable.</summary>
public sealed record ScanReport
{
    /// <summary>The targets as they were written.</summary>
    public required string Targets { get; init; }

    /// <summary>The ports as they were written.</summary>
    public required string Ports { get; init; }

    /// <summary>When the scan began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What was found: the open ports, or every port where <see cref="PortScannerOptions.ReportAll"/> is set. By host, then protocol and port.</summary>
    public required IReadOnlyList<PortResult> Results { get; init; }

    /// <summary>How it went.</summary>
    public required ScanSummary Summary { get; init; }
}
