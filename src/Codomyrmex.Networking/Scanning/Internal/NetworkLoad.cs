namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The probes under way to one network, and its own rate, where there is one.</summary>
internal sealed class NetworkLoad
{
    public int InFlight { get; set; }

    public Pacer? Pacer { get; init; }

    /// <summary>An IPv4 address's /24, an IPv6 address's /64.</summary>
    public static (bool, UInt128) KeyOf(IPBits address) => (address.IsIPv4, address.Value >> (address.IsIPv4 ? 8 : 64));
}
