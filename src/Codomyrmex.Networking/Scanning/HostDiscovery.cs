namespace Codomyrmex.Networking.Scanning;

/// <summary>Whether hosts are asked for a sign of life before their ports are scanned.</summary>
public enum HostDiscovery
{
    /// <summary><see cref="Always"/> for plans with more than one address, <see cref="Never"/> for one.</summary>
    Auto,

    /// <summary>
    /// Hosts that answer neither an ICMP echo (where the system lets this process send one) nor a few TCP ports are not scanned. A host that is
    /// behind a strict firewall is missed; the summary counts those that did not answer.
    /// </summary>
    Always,

    /// <summary>Every address is scanned whether or not it shows a sign of life.</summary>
    Never,
}
