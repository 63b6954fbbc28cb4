using System.Net;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Groups (multicast).</summary>
public sealed partial class UDPClient
{
    /// <summary>Joins a group: what is sent to it, and to the port that the client is bound to, is received.</summary>
    /// <param name="group">The group's address (224.0.0.0/4, ff00::/8).</param>
    /// <param name="interfaceIndex">The number of the interface; 0 lets the system choose.</param>
    /// <param name="source">The only sender to hear (RFC 4607; 64-bit Linux), in a group of sources; null for all.</param>
    /// <exception cref="ConnectionException"><c>local.address</c>: the system does not let it.</exception>
    /// <exception cref="ArgumentException">The address is no group's.</exception>
    public void Join(IPAddress group, int interfaceIndex = 0, IPAddress? source = null)
    {
        DemandGroup(group, source);
        OpenSocket().Join(group, interfaceIndex, source);
    }

    /// <summary>Leaves a group that was joined with the same values.</summary>
    /// <inheritdoc cref="Join"/>
    public void Leave(IPAddress group, int interfaceIndex = 0, IPAddress? source = null)
    {
        DemandGroup(group, source);
        OpenSocket().Leave(group, interfaceIndex, source);
    }

    private static void DemandGroup(IPAddress group, IPAddress? source)
    {
        ArgumentNullException.ThrowIfNull(group);
        var isGroup = group.IsIPv6Multicast || (group.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && group.GetAddressBytes()[0] is >= 224 and < 240);
        if (!isGroup)
            throw new ArgumentException($"{group} is no group's address.", nameof(group));
        if (source is not null && source.AddressFamily != group.AddressFamily)
            throw new ArgumentException($"{source} cannot send to {group}: they are of different families.", nameof(source));
    }
}
