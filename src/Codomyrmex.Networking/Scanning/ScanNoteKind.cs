namespace Codomyrmex.Networking.Scanning;

/// <summary>What a <see cref="ScanNote"/> is about.</summary>
public enum ScanNoteKind
{
    /// <summary>More ports of a host are open than hosts have: a tarpit, a proxy or a firewall answers in its place.</summary>
    EverythingOpen,

    /// <summary>Something completes connections that nobody accepts: they are broken off at once.</summary>
    SynProxy,

    /// <summary>Connections are accepted and then held without room for data.</summary>
    Tarpit,

    /// <summary>Fewer probes were under way at a time than wanted: the limit of open files of this process.</summary>
    Descriptors,

    /// <summary>This machine ran out of local ports for a while.</summary>
    LocalPorts,

    /// <summary>Packets were lost: the scan went slower and asked again.</summary>
    Loss,

    /// <summary>The host limits how many ICMP messages it sends, so not every closed port could say so.</summary>
    IcmpLimited,

    /// <summary>A host that had answered stopped to do so while it was scanned: what was found of it since is not to be relied on.</summary>
    HostLost,

    /// <summary>The host showed no sign of life and was not scanned.</summary>
    HostDown,

    /// <summary>A target was left out: by the scope, by the egress policy, or since its name has no address.</summary>
    Skipped,

    /// <summary>A part of the plan could not be done on this machine.</summary>
    Unsupported,

    /// <summary>The scan went on where an earlier one had stopped.</summary>
    Resumed,
}
