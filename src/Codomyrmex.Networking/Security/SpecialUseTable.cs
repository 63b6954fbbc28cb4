using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// The rows behind <see cref="SpecialUseAddresses"/>: IANA's iana-ipv4-special-registry, iana-ipv6-special-registry and
/// ipv6-address-space, and what clouds document.
/// </summary>
internal static class SpecialUseTable
{
    private const bool Global = true;

    /// <summary>The range whose addresses are as public as the IPv4 address inside them (RFC 6052, section 3.1).</summary>
    private const string Nat64 = "64:ff9b::/96";

    public static readonly SpecialUseRange[] Rows =
    [
        Row("0.0.0.0/8", "this network", "RFC 791"),
        Row("0.0.0.0/32", "this host", "RFC 1122"),
        Row("10.0.0.0/8", "private use", "RFC 1918"),
        Row("100.64.0.0/10", "shared address space", "RFC 6598"),
        Row("127.0.0.0/8", "loopback", "RFC 1122"),
        Row("169.254.0.0/16", "link-local", "RFC 3927"),
        Row("172.16.0.0/12", "private use", "RFC 1918"),
        Row("192.0.0.0/24", "IETF protocol assignments", "RFC 6890"),
        Row("192.0.0.0/29", "IPv4 service continuity", "RFC 7335"),
        Row("192.0.0.8/32", "the IPv4 dummy address", "RFC 7600"),
        Row("192.0.0.9/32", "port control protocol anycast", "RFC 7723", Global),
        Row("192.0.0.10/32", "TURN anycast", "RFC 8155", Global),
        Row("192.0.0.170/32", "NAT64/DNS64 discovery", "RFC 7050"),
        Row("192.0.0.171/32", "NAT64/DNS64 discovery", "RFC 7050"),
        Row("192.0.2.0/24", "documentation", "RFC 5737"),
        Row("192.31.196.0/24", "AS112", "RFC 7535", Global),
        Row("192.52.193.0/24", "automatic multicast tunneling", "RFC 7450", Global),
        Row("192.88.99.0/24", "6to4 relay anycast, deprecated", "RFC 7526"),
        Row("192.88.99.2/32", "6a44 relay anycast", "RFC 6751"),
        Row("192.168.0.0/16", "private use", "RFC 1918"),
        Row("192.175.48.0/24", "AS112", "RFC 7534", Global),
        Row("198.18.0.0/15", "benchmarking", "RFC 2544"),
        Row("198.51.100.0/24", "documentation", "RFC 5737"),
        Row("203.0.113.0/24", "documentation", "RFC 5737"),
        Row("224.0.0.0/4", "multicast", "RFC 5771"),
        Row("240.0.0.0/4", "reserved", "RFC 1112"),
        Row("255.255.255.255/32", "limited broadcast", "RFC 919"),

        // What clouds serve to their machines: instance identities, credentials, configuration.
        Row("169.254.169.254/32", "cloud metadata"),                                // AWS, Azure, Google, Oracle, DigitalOcean, OpenStack
        Row("169.254.170.2/32", "cloud metadata, container credentials"),           // AWS ECS
        Row("169.254.170.23/32", "cloud metadata, container credentials"),          // AWS EKS
        Row("169.254.169.253/32", "cloud name server"),                             // AWS
        Row("169.254.42.42/32", "cloud metadata"),                                  // Scaleway
        Row("169.254.0.23/32", "cloud metadata"),                                   // Tencent
        Row("100.100.100.200/32", "cloud metadata"),                                // Alibaba
        Row("168.63.129.16/32", "cloud platform service"),                          // Azure WireServer
        Row("192.0.0.192/32", "cloud metadata"),                                    // Oracle, older machines
        Row("fd00:ec2::254/128", "cloud metadata"),                                 // AWS
        Row("fd00:ec2::23/128", "cloud metadata, container credentials"),           // AWS EKS
        Row("fd00:ec2::253/128", "cloud name server"),                              // AWS
        Row("fd20:ce::254/128", "cloud metadata"),                                  // Google
        Row("fd00:42::42/128", "cloud metadata"),                                   // Scaleway

        Row("::/128", "the unspecified address", "RFC 4291"),
        Row("::1/128", "loopback", "RFC 4291"),
        Row("::/96", "IPv4-compatible, deprecated", "RFC 4291"),
        Row("::ffff:0:0/96", "IPv4-mapped", "RFC 4291"),
        Row("::ffff:0:0:0/96", "IPv4-translated", "RFC 2765"),
        Row(Nat64, "NAT64", "RFC 6052", Global),
        Row("64:ff9b:1::/48", "local NAT64", "RFC 8215"),
        Row("100::/64", "discard only", "RFC 6666"),
        Row("100:0:0:1::/64", "the IPv6 dummy prefix", "RFC 9780"),
        Row("2001::/23", "IETF protocol assignments", "RFC 2928"),
        Row("2001::/32", "Teredo", "RFC 4380"),
        Row("2001:1::1/128", "port control protocol anycast", "RFC 7723", Global),
        Row("2001:1::2/128", "TURN anycast", "RFC 8155", Global),
        Row("2001:1::3/128", "DNS-SD service registration anycast", "RFC 9665", Global),
        Row("2001:2::/48", "benchmarking", "RFC 5180"),
        Row("2001:3::/32", "automatic multicast tunneling", "RFC 7450", Global),
        Row("2001:4:112::/48", "AS112", "RFC 7535", Global),
        Row("2001:10::/28", "ORCHID, deprecated", "RFC 4843"),
        Row("2001:20::/28", "ORCHIDv2", "RFC 7343", Global),
        Row("2001:30::/28", "drone remote identification", "RFC 9374", Global),
        Row("2001:db8::/32", "documentation", "RFC 3849"),
        Row("2002::/16", "6to4", "RFC 3056"),
        Row("2620:4f:8000::/48", "AS112", "RFC 7534", Global),
        Row("3fff::/20", "documentation", "RFC 9637"),
        Row("5f00::/16", "segment routing identifiers", "RFC 9602"),
        Row("fc00::/7", "unique local", "RFC 4193"),
        Row("fe80::/10", "link-local", "RFC 4291"),
        Row("fec0::/10", "site-local, deprecated", "RFC 3879"),
        Row("ff00::/8", "multicast", "RFC 4291"),

        // Global unicast is 2000::/3; the remaining space is kept by the IETF and routed nowhere (RFC 4291, section 2.4).
        Row("::/3", "outside global unicast", "RFC 4291"),
        Row("4000::/2", "outside global unicast", "RFC 4291"),
        Row("8000::/1", "outside global unicast", "RFC 4291"),
    ];

    private static readonly SpecialUseIndex IPv4 = new(Rows, true);
    private static readonly SpecialUseIndex IPv6 = new(Rows, false);
    private static readonly SpecialUseRange Nat64Row = Array.Find(Rows, static row => row.Network == IPNetwork.Parse(Nat64))!;

    /// <summary>The most specific row that holds the address; null for none.</summary>
    public static SpecialUseRange? Find(IPBits address) => (address.IsIPv4 ? IPv4 : IPv6).Find(address.Value);

    /// <summary>The most specific row that holds the whole range; null for none.</summary>
    public static SpecialUseRange? FindContaining(Cidr range)
    {
        SpecialUseRange? best = null;
        foreach (var row in Rows)
        {
            if (row.Range.Contains(range) && (best is null || row.Range.PrefixLength > best.Range.PrefixLength))
                best = row;
        }
        return best;
    }

    /// <summary>
    /// The row for which <see cref="EgressPolicy.PublicInternetOnly"/> denies the address; null where it does not. Also denied are
    /// the ranges that IANA calls globally reachable: they are services answered by the nearest network, which is the local one.
    /// </summary>
    public static SpecialUseRange? FindNonPublic(IPBits address)
    {
        var row = Find(address);
        return row is null || ReferenceEquals(row, Nat64Row) ? null : row;
    }

    private static SpecialUseRange Row(string network, string name, string? reference = null, bool isGloballyReachable = false) =>
        new(IPNetwork.Parse(network), name, reference, isGloballyReachable);
}
