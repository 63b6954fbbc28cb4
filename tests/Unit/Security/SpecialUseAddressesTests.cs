using System.Net;
using Codomyrmex.Networking.Security;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class SpecialUseAddressesTests
{
    public static TheoryData<string> Ranges => [.. SpecialUseAddresses.All.Select(static row => row.Network.ToString())];

    private static SpecialUseRange Row(string network) => SpecialUseAddresses.All.Single(row => row.Network.ToString() == network);

    [Theory]
    [MemberData(nameof(Ranges))]
    public void First_and_last_address_of_a_range_belong_to_it_and_their_neighbours_do_not(string network)
    {
        var row = Row(network);
        var range = Cidr.Of(row.Network);
        foreach (var inside in new[] { range.First, range.Last })
        {
            Assert.True(Naive(row.Network.BaseAddress, row.Network.PrefixLength, inside.ToAddress()));
            Assert.Equal(MostSpecific(inside), SpecialUseTable.Find(inside));
            Assert.True(SpecialUseTable.Find(inside)!.Range.PrefixLength >= range.PrefixLength);
        }
        var all = range.Network.IsIPv4 ? uint.MaxValue : UInt128.MaxValue;
        if (range.First.Value > 0)
            AssertOutside(range, new IPBits(range.First.Value - 1, range.Network.IsIPv4));
        if (range.Last.Value < all)
            AssertOutside(range, new IPBits(range.Last.Value + 1, range.Network.IsIPv4));
    }

    private static void AssertOutside(Cidr range, IPBits outside)
    {
        Assert.False(range.Contains(outside));
        Assert.Equal(MostSpecific(outside), SpecialUseTable.Find(outside));
        var decision = EgressPolicy.PublicInternetOnly.CheckAddress("x.example", outside.ToAddress(), 80);
        if (MostSpecific(outside) is null && !EmbedsAnything(outside))
            Assert.Equal(PolicyDecision.Allowed, decision);
    }

    private static bool EmbedsAnything(IPBits address)
    {
        var cursor = 0;
        return EmbeddedIPv4.TryNext(address, ref cursor, out _, out _);
    }

    private static SpecialUseRange? MostSpecific(IPBits address) => SpecialUseAddresses.All
        .Where(row => Naive(row.Network.BaseAddress, row.Network.PrefixLength, address.ToAddress()))
        .MaxBy(row => row.Network.PrefixLength);

    [Theory]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("168.63.129.15")]
    [InlineData("2000::")]
    [InlineData("2001:200::")]
    [InlineData("2003::")]
    [InlineData("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db9::")]
    [InlineData("3ffe:ffff::1")]
    public void Addresses_beside_the_ranges_are_public(string address) =>
        Assert.Equal(PolicyDecision.Allowed, EgressPolicy.PublicInternetOnly.CheckTarget(null, address, 1));

    [Fact]
    public void The_most_specific_range_names_the_address()
    {
        Assert.Equal("cloud metadata", SpecialUseAddresses.Find(IPAddress.Parse("169.254.169.254"))!.Name);
        Assert.Equal("link-local", SpecialUseAddresses.Find(IPAddress.Parse("169.254.169.255"))!.Name);
        Assert.Equal("loopback", SpecialUseAddresses.Find(IPAddress.Parse("::ffff:127.0.0.1"))!.Name);
        Assert.Null(SpecialUseAddresses.Find(IPAddress.Parse("8.8.8.8")));
        Assert.True(Row("192.31.196.0/24").IsGloballyReachable);
        Assert.False(Row("10.0.0.0/8").IsGloballyReachable);
    }

    [Fact]
    public void No_range_stands_in_the_table_twice() => Assert.Distinct(SpecialUseAddresses.All.Select(static row => row.Network));

    // The ranges of Microsoft.Security.AntiSSRF 1.0.1, IPAddressRanges.recommendedLatest, without 64:ff9b::/96: see docs/decisions/0001.
    [Theory]
    [InlineData("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24")]
    [InlineData("192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24")]
    [InlineData("203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23")]
    [InlineData("2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8")]
    public void Every_range_that_a_peer_library_denies_is_denied_whole(string ranges)
    {
        foreach (var network in ranges.Split(' '))
            Assert.Contains(SpecialUseAddresses.All, row => row.Range.Contains(Cidr.Of(IPNetwork.Parse(network))));
    }

    private static readonly Gen<IPBits> Address = Gen.OneOf(
        Gen.UInt.Select(IPBits.IPv4),
        Gen.Select(Gen.ULong, Gen.ULong).Select(static (high, low) => new IPBits(new UInt128(high, low), false)));

    [Fact]
    public void Containment_equals_a_comparison_bit_by_bit()
    {
        Gen.Select(Address, Address, Gen.Int[0, 128], Gen.Int[0, 128]).Sample((network, other, length, shared) =>
        {
            length = Math.Min(length, network.Length);
            // A random address is almost never inside a long prefix, so the first bits are made to agree.
            if (network.IsIPv4 == other.IsIPv4 && shared > 0)
            {
                var keep = new Cidr(network, Math.Min(shared, network.Length));
                other = other with { Value = keep.Network.Value | (other.Value & (keep.Last.Value ^ keep.First.Value)) };
            }
            return new Cidr(network, length).Contains(other) == Naive(network.ToAddress(), length, other.ToAddress());
        }, iter: 50_000);
    }

    private static bool Naive(IPAddress network, int length, IPAddress address)
    {
        byte[] a = network.GetAddressBytes(), b = address.GetAddressBytes();
        if (a.Length != b.Length)
            return false;
        for (var bit = 0; bit < length; bit++)
        {
            if (((a[bit / 8] ^ b[bit / 8]) >> (7 - (bit % 8)) & 1) != 0)
                return false;
        }
        return true;
    }

    [Fact]
    public void Looking_up_equals_searching_the_rows() =>
        Gen.OneOf(Address, InSomeRow).Sample(address => ReferenceEquals(SpecialUseTable.Find(address), MostSpecific(address)), iter: 5_000);

    private static Gen<IPBits> InSomeRow => Gen.Select(Gen.OneOf(SpecialUseAddresses.All.ToArray()), Gen.ULong, Gen.ULong)
        .Select(static (row, high, low) =>
        {
            var range = Cidr.Of(row.Network);
            return range.First with { Value = range.First.Value | (new UInt128(high, low) & (range.Last.Value ^ range.First.Value)) };
        });

    [Fact]
    public void Every_address_of_a_denied_range_is_denied_in_every_embedding()
    {
        var rules = SpecialUseAddresses.All.Where(static row => row.Range.Network.IsIPv4).Select(static row => row.Network.ToString());
        var denying = EgressPolicy.Unrestricted.Denying([.. rules]);
        InSomeRow.Where(static address => address.IsIPv4).Sample(address =>
        {
            var v4 = (UInt128)(uint)address.Value;
            foreach (var carrier in Carriers((uint)address.Value).Prepend(address.ToAddress()))
            {
                Assert.False(EgressPolicy.PublicInternetOnly.CheckAddress("x.example", carrier, 80).IsAllowed, carrier.ToString());
                Assert.False(EgressPolicy.PublicInternetOnly.CheckTarget("http", carrier.ToString(), 80).IsAllowed, carrier.ToString());
                // In the layouts of local NAT64 a leading zero byte cannot be told from padding, :: and ::1 are no embedding.
                if (v4 >> 24 != 0)
                    Assert.False(denying.CheckAddress("x.example", carrier, 80).IsAllowed, carrier.ToString());
            }
        }, iter: 2_000);
    }

    private static IEnumerable<IPAddress> Carriers(uint v4)
    {
        static IPAddress Make(ulong high, ulong low) => new IPBits(new UInt128(high, low), false).ToAddress();
        ulong v = v4;
        yield return Make(0, v);
        yield return Make(0, 0xFFFF_0000_0000 | v);
        yield return Make(0, 0xFFFF_0000_0000_0000 | v);
        yield return Make(0x0064_FF9B_0000_0000, v);
        yield return Make(0x0064_FF9B_0001_0000, v);
        yield return Make(0x0064_FF9B_0001_0000 | (v >> 16), (v & 0xFFFF) << 40);
        yield return Make(0x0064_FF9B_0001_0000 | (v >> 24), (v & 0xFFFFFF) << 32);
        yield return Make(0x0064_FF9B_0001_0000, v << 24);
        yield return Make(0x2002_0000_0000_0000 | (v << 16), 1);
        yield return Make(0x2001_0000_0102_0304, 0x8000_F227_0000_0000 | (~v & uint.MaxValue));
        yield return Make(0x2001_0000_0000_0000 | v, 0x8000_F227_F7F7_F7F7);
        yield return Make(0x2606_4700_0000_0000, 0x0000_5EFE_0000_0000 | v);
        yield return Make(0x2606_4700_0000_0000, 0x0200_5EFE_0000_0000 | v);
    }
}
