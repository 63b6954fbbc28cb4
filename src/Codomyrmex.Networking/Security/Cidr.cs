using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// A range of addresses of one family: a network and the length of its prefix (RFC 4632). An IPv6 range never holds an IPv4 address.
/// </summary>
/// <remarks>
/// <see cref="IPNetwork.Contains"/> is not used: it finds <c>::ffff:0.0.0.5</c> in <c>::/128</c>, and any IPv4-mapped address in
/// <c>0.0.0.0/0</c>.
/// </remarks>
internal readonly record struct Cidr
{
    private readonly UInt128 _mask;

    public Cidr(IPBits network, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, network.Length);
        PrefixLength = prefixLength;
        // A shift by the whole width is a shift by nothing in C#, so the empty prefix is a case of its own.
        var all = network.IsIPv4 ? uint.MaxValue : UInt128.MaxValue;
        _mask = prefixLength == 0 ? 0 : all & (all << (network.Length - prefixLength));
        Network = network with { Value = network.Value & _mask };
    }

    public IPBits Network { get; }

    public int PrefixLength { get; }

    public IPBits First => Network;

    public IPBits Last => Network with { Value = Network.Value | (~_mask & (Network.IsIPv4 ? uint.MaxValue : UInt128.MaxValue)) };

    /// <summary>A range inside ::ffff:0:0/96 as the IPv4 range it maps, because the addresses are (RFC 4291, section 2.5.5.2).</summary>
    public Cidr Unmapped
    {
        get
        {
            var inner = Network.Unmapped;
            return inner.IsIPv4 && !Network.IsIPv4 && PrefixLength >= 96 ? new Cidr(inner, PrefixLength - 96) : this;
        }
    }

    public bool Contains(IPBits address) => address.IsIPv4 == Network.IsIPv4 && (address.Value & _mask) == Network.Value;

    public bool Contains(Cidr other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    public static Cidr Of(IPNetwork network) => new(IPBits.From(network.BaseAddress), network.PrefixLength);

    public IPNetwork ToNetwork() => new(Network.ToAddress(), PrefixLength);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Network}/{PrefixLength}");
}
