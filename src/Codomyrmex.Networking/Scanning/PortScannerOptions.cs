using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Scanning;

/// <summary>How a <see cref="PortScanner"/> asks, how fast, and how sure it wants to be. Immutable.</summary>
public sealed record PortScannerOptions
{
    /// <summary>For <see cref="ProbesPerSecond"/>: as fast as the network carries it.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>The defaults.</summary>
    public static PortScannerOptions Default { get; } = new();

    /// <summary>
    /// Where connections may go and how names are found: the egress policy is asked about every address and port. With a proxy or
    /// <see cref="TransportOptions.DialOver"/>, the scan goes through it.
    /// </summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>How TCP ports are asked. The default value is <see cref="ScanMode.Auto"/>.</summary>
    public ScanMode Mode { get; init; } = ScanMode.Auto;

    /// <summary>
    /// Probes a second at most, <see cref="Unlimited"/> for as many as the network carries without loss. The default value is null: unlimited to this
    /// machine itself, 5,000 to private and link-local addresses, 1,000 to all others.
    /// </summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>Probes a second to one address at most. The default value is null: what <see cref="ProbesPerSecond"/> leaves.</summary>
    public int? ProbesPerSecondPerHost { get; init; }

    /// <summary>
    /// Probes a second to one network at most: an IPv4 /24, an IPv6 /64. The default value is null: what <see cref="ProbesPerSecond"/> leaves.
    /// </summary>
    public int? ProbesPerSecondPerNetwork { get; init; }

    /// <summary>
    /// Probes under way at a time at most. The default value is null: what the limit of open files leaves after a reserve, 16,384 at most. The
    /// network's losses bring it down by themselves.
    /// </summary>
    public int? InFlight { get; init; }

    /// <summary>Probes under way to one address at a time at most. The default value is null: no other limit than <see cref="InFlight"/>.</summary>
    public int? InFlightPerHost { get; init; }

    /// <summary>Probes under way to one network at a time at most: an IPv4 /24, an IPv6 /64. The default value is null: no other limit than <see cref="InFlight"/>.</summary>
    public int? InFlightPerNetwork { get; init; }

    /// <summary>The wait for an answer from a host of which no round trip is known yet (RFC 6298, section 2.1). The default value is 1 second.</summary>
    public TimeSpan InitialTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The shortest wait for an answer, however near the host. The default value is 100 ms.</summary>
    public TimeSpan MinTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait for an answer. The default value is 3 seconds.</summary>
    public TimeSpan MaxTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a port that does not answer is asked again in any case. The default value is 1.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>
    /// How often a port that does not answer is asked again where packets are seen to be lost: as often as it takes to be sure of it, but no more than this.
    /// The default value is 15, enough where one answer of three gets lost.
    /// </summary>
    public int MaxRetries { get; init; } = 15;

    /// <summary>Which findings are asked about twice. The default value is <see cref="ScanVerification.Surprising"/>.</summary>
    public ScanVerification Verification { get; init; } = ScanVerification.Surprising;

    /// <summary>Whether hosts must show a sign of life first. The default value is <see cref="HostDiscovery.Auto"/>.</summary>
    public HostDiscovery Discovery { get; init; } = HostDiscovery.Auto;

    /// <summary>Whether every port is reported, closed and filtered ones too. The default value is false: open ones.</summary>
    public bool ReportAll { get; init; }

    /// <summary>
    /// Asks an open port what listens there; called for each one before it is reported, several at a time (<see cref="IdentifyConcurrency"/>). Null for an
    /// answer says "not recognised", and so does a <see cref="NetworkException"/>. The default value is null: nobody asks.
    /// </summary>
    public Func<PortResult, CancellationToken, ValueTask<ServiceInfo?>>? Identify { get; init; }

    /// <summary>Calls of <see cref="Identify"/> under way at a time. The default value is 32.</summary>
    public int IdentifyConcurrency { get; init; } = 32;

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where scans are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>A rate that scans share, which whoever leases it gives and takes while they go on. It holds besides the others. Null for none.</summary>
    internal LeasedPace? Pace { get; init; }

    /// <summary>What the machine's own operator allows, where plans come from others: it must allow a target beside the policy of <see cref="Transport"/>. Null for all.</summary>
    internal EgressPolicy? OperatorPolicy { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        Transport.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecond ?? 1, 1, "PortScannerOptions.ProbesPerSecond");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecondPerHost ?? 1, 1, "PortScannerOptions.ProbesPerSecondPerHost");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecondPerNetwork ?? 1, 1, "PortScannerOptions.ProbesPerSecondPerNetwork");
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlight ?? 1, 1, "PortScannerOptions.InFlight");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlight ?? 1, 1_000_000, "PortScannerOptions.InFlight");
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightPerHost ?? 1, 1, "PortScannerOptions.InFlightPerHost");
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightPerNetwork ?? 1, 1, "PortScannerOptions.InFlightPerNetwork");
        ArgumentOutOfRangeException.ThrowIfLessThan(MinTimeout, TimeSpan.FromMilliseconds(1), "PortScannerOptions.MinTimeout");
        ArgumentOutOfRangeException.ThrowIfLessThan(InitialTimeout, MinTimeout, "PortScannerOptions.InitialTimeout");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTimeout, InitialTimeout, "PortScannerOptions.MaxTimeout");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxTimeout, TimeSpan.FromMinutes(5), "PortScannerOptions.MaxTimeout");
        ArgumentOutOfRangeException.ThrowIfNegative(Retries, "PortScannerOptions.Retries");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetries, Retries, "PortScannerOptions.MaxRetries");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRetries, 100, "PortScannerOptions.MaxRetries");
        ArgumentOutOfRangeException.ThrowIfLessThan(IdentifyConcurrency, 1, "PortScannerOptions.IdentifyConcurrency");
    }
}
