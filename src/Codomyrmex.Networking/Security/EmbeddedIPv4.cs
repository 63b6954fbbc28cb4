namespace Codomyrmex.Networking.Security;

/// <summary>
/// The ways in which an IPv6 address carries an IPv4 address. A translator, a tunnel or the local stack may send the packet to
/// that address, so a policy which denies it must deny the carrier.
/// </summary>
internal sealed class EmbeddedIPv4
{
    // RFC 6052, section 2.2: bits 64 to 71 are always zero and split the address for prefixes shorter than 96.
    private static readonly EmbeddedIPv4[] Readings =
    [
        new("IPv4-mapped", "::ffff:0:0/96", static v => (uint)v),                                        // RFC 4291, 2.5.5.2
        new("IPv4-compatible", "::/96", static v => (uint)v),                                            // RFC 4291, 2.5.5.1
        new("IPv4-translated", "::ffff:0:0:0/96", static v => (uint)v),                                  // RFC 2765, 2.1
        new("NAT64", "64:ff9b::/96", static v => (uint)v),                                               // RFC 6052, 2.1
        new("local NAT64", "64:ff9b:1::/48", static v => (uint)v),                                       // RFC 8215, any of the layouts
        new("local NAT64", "64:ff9b:1::/48", static v => Join(v, 64, 16, 40, 16)) { IsGuess = true },
        new("local NAT64", "64:ff9b:1::/48", static v => Join(v, 64, 8, 32, 24)) { IsGuess = true },
        new("local NAT64", "64:ff9b:1::/48", static v => (uint)(v >> 24)) { IsGuess = true },
        new("6to4", "2002::/16", static v => (uint)(v >> 80)),                                           // RFC 3056, 2
        new("Teredo", "2001::/32", static v => ~(uint)v),                                                // RFC 4380, 4: client, inverted
        new("Teredo", "2001::/32", static v => (uint)(v >> 64)),                                         // RFC 4380, 4: server
        new("ISATAP", "::/0", static v => (uint)v),                                                      // RFC 5214, 6.1
    ];

    private readonly Cidr _carrier;
    private readonly Func<UInt128, uint> _read;

    private EmbeddedIPv4(string name, string carrier, Func<UInt128, uint> read)
    {
        Name = name;
        _carrier = Cidr.Of(System.Net.IPNetwork.Parse(carrier));
        _read = read;
    }

    /// <summary>The mechanism.</summary>
    public string Name { get; }

    /// <summary>Whether the layout depends on the network's choice, so that what is read may be padding.</summary>
    private bool IsGuess { get; init; }

    /// <summary>Enumerates without allocation: ask with a cursor that starts at 0 until the answer is false.</summary>
    public static bool TryNext(IPBits address, ref int cursor, out IPBits inner, out EmbeddedIPv4 how)
    {
        while (!address.IsIPv4 && cursor < Readings.Length)
        {
            how = Readings[cursor++];
            if (!how._carrier.Contains(address) || (how._carrier.PrefixLength == 0 && !IsIsatap(address.Value)))
                continue;
            inner = IPBits.IPv4(how._read(address.Value));
            // Zero padding in a guessed layout is no address, nor are :: and ::1 IPv4-compatible ones (RFC 4291, section 2.5.5.1).
            if ((how.IsGuess && inner.Value >> 24 == 0) || address.Value <= 1)
                continue;
            return true;
        }
        inner = default;
        how = Readings[0];
        return false;
    }

    /// <summary>The interface identifier 0000:5efe or, with the universal bit, 0200:5efe (RFC 5214, section 6.1).</summary>
    private static bool IsIsatap(UInt128 value) => ((uint)(value >> 32) & 0xFDFF_FFFF) == 0x0000_5EFE;

    /// <summary>
    /// An address split around bits 64 to 71: <paramref name="high"/> bits from <paramref name="highAt"/> up, then
    /// <paramref name="low"/> bits from <paramref name="lowAt"/> up.
    /// </summary>
    private static uint Join(UInt128 value, int highAt, int high, int lowAt, int low)
    {
        var upper = (uint)(value >> highAt) & ((1u << high) - 1);
        var lower = (uint)(value >> lowAt) & ((1u << low) - 1);
        return (upper << low) | lower;
    }
}
