using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Scanning;

/// <summary>What a scan found of one port of one address. Immutable.</summary>
public sealed record PortResult
{
    /// <summary>The host as the caller wrote it; for an address out of a range, that address.</summary>
    public required string Host { get; init; }

    /// <summary>The address that was asked.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The protocol.</summary>
    public required PortProtocol Protocol { get; init; }

    /// <summary>What was found.</summary>
    public required PortState State { get; init; }

    /// <summary>What it was concluded from.</summary>
    public required PortReason Reason { get; init; }

    /// <summary>From the probe to its answer; null where none came.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>What listens there; null where nobody looked (<see cref="PortScannerOptions.Identify"/>) or nothing was recognised.</summary>
    public ServiceInfo? Service { get; init; }

    /// <summary><c>192.0.2.7:22/tcp open (syn-ack, 0.31 ms) ssh</c>. What came from the network is escaped.</summary>
    public override string ToString()
    {
        var where = Endpoint.Of(new IPEndPoint(Address, Port));
        var trip = RoundTrip is { } time ? string.Create(CultureInfo.InvariantCulture, $", {time.TotalMilliseconds:0.##} ms") : "";
        return $"{where}/{ScanText.Of(Protocol)} {ScanText.Of(State)} ({ScanText.Of(Reason)}{trip}){(Service is null ? "" : $" {Service}")}";
    }
}
