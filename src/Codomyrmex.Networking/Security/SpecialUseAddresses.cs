using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// The addresses which are not ordinary hosts of the public internet: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890),
/// multicast, the IPv6 space outside global unicast, and the metadata services of clouds.
/// </summary>
public static class SpecialUseAddresses
{
    /// <summary>All ranges, IPv4 first; a range may lie inside another.</summary>
    public static IReadOnlyList<SpecialUseRange> All { get; } = Array.AsReadOnly(SpecialUseTable.Rows);

    /// <summary>
    /// The most specific range that holds the address, or null for an ordinary one. An IPv4-mapped IPv6 address is looked up as the
    /// IPv4 address; other embeddings are not looked into. Does not allocate; safe to call from any thread.
    /// </summary>
    /// <param name="address">The address; a zone id is ignored.</param>
    public static SpecialUseRange? Find(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return SpecialUseTable.Find(IPBits.From(address).Unmapped);
    }
}
