using System.Net;

namespace Codomyrmex.Networking.Scanning;

/// <summary>What to scan: which ports of which hosts, in which order, and by whose leave. Immutable.</summary>
public sealed record ScanPlan
{
    /// <summary>How many addresses of the public internet a plan without a <see cref="Scope"/> may have: as many as a name or a handful of hosts have.</summary>
    public const int PublicAddressesWithoutScope = 16;

    /// <summary>The hosts.</summary>
    public required ScanTargets Targets { get; init; }

    /// <summary>The ports. Written as a range, both ends are included: <c>1..1024</c>.</summary>
    public required PortSet Ports { get; init; }

    /// <summary>
    /// What may be scanned. What lies outside is left out and said so; a plan of which nothing is left fails. The default value is null: the targets are their own
    /// scope where they are this machine, private networks and at most <see cref="PublicAddressesWithoutScope"/> addresses of the public internet.
    /// </summary>
    public ScanScope? Scope { get; init; }

    /// <summary>Chooses the order of hosts and ports; the same seed gives the same order. The default value is null: a new one for each scan.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The part of the plan to scan, where several machines share it; they need the same <see cref="Seed"/>. The default value is the whole.</summary>
    public ScanShard Shard { get; init; }

    /// <summary>
    /// A file that keeps track of the scan, so that one that was killed goes on where it stopped: it is made where it is missing, and read where it is of the
    /// same plan. What it holds already is reported again, not asked again. The default value is null: none.
    /// </summary>
    public string? JournalPath { get; init; }

    /// <summary>
    /// Whether a scan goes on where the addresses of a name in <see cref="ScanTargets.ExcludedNames"/> cannot be found, and so may ask a host that was to be left out.
    /// The default value is false: nothing is scanned then.
    /// </summary>
    public bool AllowUnresolvedExclusions { get; init; }

    /// <summary>What is known already, and so neither asked nor reported: asked about each port as its host's turn comes. Null where nothing is.</summary>
    internal Func<IPAddress, PortProtocol, int, bool>? IsKnown { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Targets, "ScanPlan.Targets");
        ArgumentNullException.ThrowIfNull(Ports, "ScanPlan.Ports");
        if (Ports.Count == 0)
            throw new ArgumentException("ScanPlan.Ports is empty.", nameof(Ports));
        if (Targets.AddressCount == 0 && Targets.Names.Count == 0)
            throw new ArgumentException("ScanPlan.Targets is empty.", nameof(Targets));
        if (!Shard.IsWhole && Seed is null)
            throw new ArgumentException("ScanPlan.Shard: machines that share a plan need the same ScanPlan.Seed.", nameof(Shard));
        Scope?.Validate();
    }
}
