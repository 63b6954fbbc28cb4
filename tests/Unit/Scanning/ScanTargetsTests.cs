using System.Net;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, rows 6 to 8, 24: hosts, networks and ranges, exclusions, in constant memory.</summary>
public class ScanTargetsTests
{
    [Theory]
    [InlineData("192.0.2.7", 1, "192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.0/24", 256, "192.0.2.0", "192.0.2.255")]
    [InlineData("192.0.2.77/24", 256, "192.0.2.0", "192.0.2.255")]
    [InlineData("10.0.0.1-20", 20, "10.0.0.1", "10.0.0.20")]
    [InlineData("10.0.0.250-10.0.1.5", 12, "10.0.0.250", "10.0.1.5")]
    [InlineData("10.0.0.0/8", 1 << 24, "10.0.0.0", "10.255.255.255")]
    [InlineData("255.255.255.254-255.255.255.255", 2, "255.255.255.254", "255.255.255.255")]
    [InlineData("2001:db8::/120", 256, "2001:db8::", "2001:db8::ff")]
    [InlineData("2001:db8::1-2001:db8::ff", 255, "2001:db8::1", "2001:db8::ff")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120", 256, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::ffff:10.0.0.1", 1, "10.0.0.1", "10.0.0.1")]
    public void Target_is_an_address_a_network_or_a_range(string text, long count, string first, string last)
    {
        ScanTargets targets = text;
        Assert.Equal(count, targets.AddressCount);
        Assert.Equal((IPAddress.Parse(first), IPAddress.Parse(last)), (targets.AddressAt(0), targets.AddressAt(count - 1)));
        Assert.Equal(count - 1, targets.IndexOf(IPAddress.Parse(last)));
        Assert.Throws<ArgumentOutOfRangeException>(() => targets.AddressAt(count));
    }

    [Theory]
    [InlineData("Example.COM.", "example.com")]
    [InlineData("my-host-1", "my-host-1")]
    [InlineData("10-20.example.com", "10-20.example.com")]
    [InlineData("fe80::1%eth0", "fe80::1%eth0")]
    public void Name_waits_to_be_resolved_in_its_one_spelling(string text, string name)
    {
        ScanTargets targets = text;
        Assert.Equal((0, name), (targets.AddressCount, Assert.Single(targets.Names)));
    }

    [Theory, Trait("Cve", "58")]
    [InlineData("0.0.0.0/0", "'0.0.0.0/0' has more than 16777216 addresses")]
    [InlineData("::/0", "'::/0' has more than 16777216 addresses")]
    [InlineData("2001:db8::/64", "has more than 16777216 addresses")]
    [InlineData("0.0.0.0-255.255.255.255", "has more than 16777216 addresses")]
    [InlineData("10.0.0.0/33", "has no prefix length from 0 to 32")]
    [InlineData("10.0.0.0/", "has no prefix length from 0 to 32")]
    [InlineData("10.0.0.0/08", "has no prefix length from 0 to 32")]
    [InlineData("::/129", "has no prefix length from 0 to 128")]
    [InlineData("example.com/24", "has a prefix length behind what is no IP address")]
    [InlineData("10.0.0.20-1", "ends before it starts")]
    [InlineData("10.0.0.1-256", "ends in neither an IPv4 address nor a last octet")]
    [InlineData("10.0.0.1-", "ends in neither")]
    [InlineData("10.0.0.1-::1", "goes from one family of addresses to the other")]
    [InlineData("2001:db8::1-ff", "does not end in an IPv6 address")]
    [InlineData("127.1", "in an unusual spelling")]
    [InlineData("0x7f000001", "in an unusual spelling")]
    [InlineData("http://example.com/", "is a URL")]
    [InlineData("example.com:80", "has a port")]
    [InlineData("10.0.0.*", "contains '*'")]
    [InlineData("", "is empty")]
    [InlineData("a b", "contains")]
    [InlineData("\u001b[2J", "'\\u001b[2J'")]
    public void Target_that_is_wrong_or_too_large_is_refused_with_the_reason(string text, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ScanTargets.Parse("192.0.2.1", text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(ScanTargets.TryParse(text, out _));
    }

    [Fact]
    public void No_target_and_too_many_together_are_refused()
    {
        Assert.Contains("no target", Assert.Throws<FormatException>(() => ScanTargets.Parse()).Message);
        Assert.Contains("16777217 addresses", Assert.Throws<FormatException>(() => ScanTargets.Parse("10.0.0.0/8", "192.0.2.1")).Message);
        Assert.Equal(1 << 24, ScanTargets.Parse("10.0.0.0/8", "10.1.0.0/16", "10.2.3.4").AddressCount);
    }

    [Fact]
    public void Exclusion_of_any_size_holds_for_what_names_resolve_to()
    {
        var targets = ScanTargets.Parse("10.0.0.0/24", "app.test", "db.test", "2001:db8::/126").Excluding("10.0.0.128/25", "db.test", "::/0");
        Assert.Equal(128, targets.AddressCount);
        Assert.Equal(["app.test"], targets.Names);
        Assert.Equal(["db.test"], targets.ExcludedNames);
        Dictionary<string, string[]> answers = new() { ["app.test"] = ["10.0.0.200", "10.0.0.3", "192.0.2.1", "2001:db8::9", "192.0.2.2"], ["db.test"] = ["192.0.2.2"] };
        var resolved = targets.Resolved(name => answers[name].Select(IPAddress.Parse));
        Assert.Equal("10.0.0.0-10.0.0.127 192.0.2.1", resolved.ToString());
    }

    [Fact]
    public void Indices_and_addresses_agree_with_a_plain_list()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var plain = new HashSet<uint>();
            var (include, exclude) = (new List<string>(), new List<string>());
            for (var i = 0; i < 8; i++)
            {
                var first = (uint)random.Next(0, 300);
                var last = Math.Min(first + (uint)random.Next(0, 60), 299);
                (i < 5 ? include : exclude).Add($"{Address(first)}-{Address(last)}");
                for (var number = first; number <= last; number++)
                    _ = i < 5 ? plain.Add(number) : plain.Remove(number);
            }
            var targets = ScanTargets.Parse(include).Excluding(exclude);
            Assert.Equal(plain.Count, targets.AddressCount);
            foreach (var (index, number) in plain.Order().Index())
            {
                Assert.Equal(Address(number), targets.AddressAt(index));
                Assert.Equal(index, targets.IndexOf(Address(number)));
            }
            for (var number = 0u; number < 310; number++)
                Assert.Equal(plain.Contains(number), targets.Contains(Address(number)));
            Assert.False(targets.Contains(IPAddress.Parse("::a00:1")));
        }

        static IPAddress Address(uint number) => new([10, 0, (byte)(number >> 8), (byte)number]);
    }

    [Fact]
    public void A_network_of_sixteen_million_hosts_takes_no_memory()
    {
        ScanTargets.Parse("10.0.0.0/16");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var targets = ScanTargets.Parse("10.0.0.0/8");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
        Assert.Equal(IPAddress.Parse("10.128.0.1"), targets.AddressAt((1 << 23) + 1));
    }
}
