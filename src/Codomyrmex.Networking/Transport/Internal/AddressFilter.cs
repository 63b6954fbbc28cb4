using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Keeps the addresses that may be dialled, in their order, each once.</summary>
internal static class AddressFilter
{
    internal static IPAddress[] Apply(IReadOnlyList<IPAddress> addresses, IPFamilies families)
    {
        var kept = new List<IPAddress>(addresses.Count);
        foreach (var address in addresses)
        {
            if (Allows(families, address) && !kept.Contains(address))
                kept.Add(address);
        }
        return [.. kept];
    }

    internal static bool Allows(IPFamilies families, IPAddress address) => families switch
    {
        IPFamilies.IPv4 => address.AddressFamily == AddressFamily.InterNetwork,
        IPFamilies.IPv6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6,
    };

    /// <summary>The failure of a name that has addresses, but none that may be used.</summary>
    internal static NetworkFailure NoneLeft(string host, IPFamilies families) => new()
    {
        Code = ErrorCodes.DnsNotFound,
        Message = families == IPFamilies.Both
            ? $"Cannot resolve '{host}': the name has no address."
            : $"Cannot resolve '{host}': the name has no {families} address, and only {families} is allowed.",
        Phase = NetworkPhase.Resolve,
    };
}
