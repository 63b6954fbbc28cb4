using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Fleet;

/// <summary>What a fleet is to scan, by whose leave and how fast: the caps hold for all machines together. Immutable.</summary>
public sealed record CampaignPlan
{
    /// <summary>The hosts. Names are resolved once, by the fleet, when the campaign begins.</summary>
    public required ScanTargets Targets { get; init; }

    /// <summary>The ports. Written as a range, both ends are included: <c>1..1024</c>.</summary>
    public required Scanning.PortSet Ports { get; init; }

    /// <summary>What people call it. The default value is empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What may be scanned; each machine holds to it where a probe leaves. The default value is null, as for <see cref="ScanPlan.Scope"/>.</summary>
    public ScanScope? Scope { get; init; }

    /// <summary>
    /// Where probes may go. It travels with the plan; a machine's operator may have a policy of their own (<see cref="FleetOptions.Policy"/>), and both must allow a target.
    /// The default value is <see cref="EgressPolicy.Unrestricted"/>.
    /// </summary>
    public EgressPolicy Policy { get; init; } = EgressPolicy.Unrestricted;

    /// <summary>
    /// Probes a second of all machines together at most, <see cref="PortScannerOptions.Unlimited"/> for no limit. The default value is null: no limit to the
    /// machines themselves, 5,000 where all addresses are private, else 1,000.
    /// </summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>Probes a second to one address at most, whichever machines send them. The default value is null: what <see cref="ProbesPerSecond"/> leaves.</summary>
    public int? ProbesPerSecondPerHost { get; init; }

    /// <summary>Probes a second to one network at most: an IPv4 /24, an IPv6 /64. The default value is null: what <see cref="ProbesPerSecond"/> leaves.</summary>
    public int? ProbesPerSecondPerNetwork { get; init; }

    /// <summary>Chooses the order. The default value is null: a new one for each campaign.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How TCP ports are asked. The default value is <see cref="ScanMode.Auto"/>: as each machine can.</summary>
    public ScanMode Mode { get; init; } = ScanMode.Auto;

    /// <summary>Whether hosts must show a sign of life first. The default value is <see cref="HostDiscovery.Auto"/>.</summary>
    public HostDiscovery Discovery { get; init; } = HostDiscovery.Auto;

    /// <summary>How often a port that does not answer is asked again in any case. The default value is 1.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>
    /// Whether open ports are asked what listens there, as by a <see cref="ServiceIdentifier"/>. That takes a few connections to each, of which the rate counts one and the other caps
    /// none. The default value is false.
    /// </summary>
    public bool AskServices { get; init; }

    /// <summary>Whether open ports are asked for their TLS version and certificate; every certificate is accepted for that. The default value is false.</summary>
    public bool AskTls { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        new ScanPlan { Targets = Targets, Ports = Ports, Scope = Scope, Seed = Seed }.Validate();
        ArgumentNullException.ThrowIfNull(Name, "CampaignPlan.Name");
        ArgumentNullException.ThrowIfNull(Policy, "CampaignPlan.Policy");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecond ?? 1, 1, "CampaignPlan.ProbesPerSecond");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecondPerHost ?? 1, 1, "CampaignPlan.ProbesPerSecondPerHost");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecondPerNetwork ?? 1, 1, "CampaignPlan.ProbesPerSecondPerNetwork");
        ArgumentOutOfRangeException.ThrowIfNegative(Retries, "CampaignPlan.Retries");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retries, 15, "CampaignPlan.Retries");
    }
}
