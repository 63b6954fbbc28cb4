using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, rows 9 and 10: ports as scanners write them, the top ones, and names.</summary>
public class PortSetTests
{
    [Theory]
    [InlineData("80", "80")]
    [InlineData("1-1024,8080,u:53", "1-1024,8080,u:53")]
    [InlineData("80,443,22", "22,80,443")]
    [InlineData("1-10,5-20,21", "1-21")]
    [InlineData("-100", "1-100")]
    [InlineData("60000-", "60000-65535")]
    [InlineData("-", "1-65535")]
    [InlineData("all", "1-65535")]
    [InlineData("u:53,123,t:22,23", "22-23,u:53,123")]
    [InlineData("U:53,T:22", "22,u:53")]
    [InlineData("udp:all", "u:1-65535")]
    [InlineData("all,!22", "1-21,23-65535")]
    [InlineData("!22,all", "1-21,23-65535")]
    [InlineData("50-60,u:50-60,!53", "50-52,54-60,u:50-52,54-60")]
    [InlineData("50-60,u:50-60,!u:53", "50-60,u:50-52,54-60")]
    [InlineData("50-60,u:50-60,!t:53,55", "50-52,54-60,u:50-60")]
    [InlineData("ssh,u:domain", "22,u:53")]
    [InlineData("SSH", "22")]
    [InlineData(" 80 , 443 ", "80,443")]
    [InlineData("00080", "80")]
    public void Port_spec_is_read_as_scanners_write_it(string text, string canonical)
    {
        var ports = PortSet.Parse(text);
        Assert.Equal(canonical, ports.ToString());
        Assert.Equal(ports, PortSet.Parse(ports.ToString()));
    }

    [Theory, Trait("Cve", "58")]
    [InlineData("0", "'0' is not a port from 1 to 65535 or a range of such")]
    [InlineData("65536", "'65536' is not a port from 1 to 65535")]
    [InlineData("80,0-10", "'0-10' is not a port")]
    [InlineData("1-65536", "'1-65536' is not a port")]
    [InlineData("99999999999", "'99999999999' is not a port")]
    [InlineData("80,,443", "'' is empty")]
    [InlineData("", "'' is empty")]
    [InlineData("u:", "'u:' is empty")]
    [InlineData("443-80", "'443-80' ends before it starts")]
    [InlineData("80-90-100", "'80-90-100' is not a port")]
    [InlineData("--", "'--' is not a port")]
    [InlineData("nosuchservice", "'nosuchservice' is the name of no service of TCP")]
    [InlineData("8o", "'8o' is the name of no service")]
    [InlineData("x:53", "'x:53' is not a port, a range of ports or the name of a service")]
    [InlineData("top:0", "'top:0' asks for another number than 1 to 1000")]
    [InlineData("top:1001", "'top:1001' asks for another number than 1 to 1000")]
    [InlineData("u:top:201", "asks for another number than 1 to 200")]
    [InlineData("80,!80", "'80,!80' leaves no port")]
    [InlineData("80\u001b[2J", "'80\\u001b[2J' is not a port")]
    public void Port_spec_that_is_wrong_is_refused_with_the_bad_piece_named(string text, string reason)
    {
        var error = Assert.Throws<FormatException>(() => PortSet.Parse(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(PortSet.TryParse(text, out _));
    }

    [Fact]
    public void Range_of_ports_has_both_its_ends()
    {
        PortSet ports = 1..1024;
        Assert.Equal((1024, true, true, false), (ports.Count, ports.Tcp.Contains(1), ports.Tcp.Contains(1024), ports.Tcp.Contains(1025)));
        Assert.Equal("1-1024", ((PortSet)(..1024)).ToString());
        Assert.Equal("60000-65535", ((PortSet)(60000..)).ToString());
        Assert.Equal("1-65535", ((PortSet)(..)).ToString());
        Assert.Equal("65436-65535", ((PortSet)(^100..)).ToString());
        Assert.Equal("80-65534", ((PortSet)(80..^2)).ToString());
        Assert.Equal("80", ((PortSet)(80..80)).ToString());
    }

    [Fact]
    public void Range_that_holds_no_port_is_a_wrong_argument()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => (PortSet)(1..65536));
        Assert.Throws<ArgumentOutOfRangeException>(() => (PortSet)(1..0));
        Assert.Throws<ArgumentOutOfRangeException>(() => (PortSet)(443..80));
        Assert.Throws<ArgumentOutOfRangeException>(() => (PortSet)(^0..));
        Assert.Throws<ArgumentOutOfRangeException>(() => PortSet.Of(80, 0));
    }

    [Fact]
    public void Top_ports_are_ranked_and_named()
    {
        var top = PortSet.Parse("top:10");
        Assert.Equal(10, top.Count);
        Assert.All((int[])[22, 80, 443], port => Assert.True(top.Tcp.Contains(port)));
        Assert.Equal(1000, PortSet.Top(1000).Count);
        Assert.True(PortSet.Top(100).Without(PortSet.Top(200)).Count == 0, "a longer list holds the shorter");
        Assert.Equal(("ssh", "http", "redis", "domain", "ntp"), (PortNames.OfTcp(22), PortNames.OfTcp(80), PortNames.OfTcp(6379), PortNames.OfUdp(53), PortNames.OfUdp(123)));
        Assert.Null(PortNames.OfTcp(0));
        Assert.Null(PortNames.OfTcp(65536));
        Assert.Null(PortNames.OfUdp(-1));
        Assert.Equal("u:53,123", PortSet.Parse("u:top:2").ToString());
        Assert.All((int[])[80, 8080], port => Assert.True(PortSet.Parse("http*").Tcp.Contains(port)));
        Assert.Throws<ArgumentOutOfRangeException>(() => PortSet.Top(0));
    }

    [Fact]
    public void Positions_and_enumeration_agree_with_a_plain_set()
    {
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var plain = new SortedSet<int>();
            var ports = PortSet.Of();
            for (var i = 0; i < 20; i++)
            {
                var (first, length) = (random.Next(1, 65536), random.Next(0, 3) == 0 ? random.Next(0, 5000) : random.Next(0, 3));
                var range = (PortSet)(first..Math.Min(65535, first + length));
                var isAdded = random.Next(3) > 0;
                ports = isAdded ? ports.With(range) : ports.Without(range);
                foreach (var port in range.Tcp)
                    _ = isAdded ? plain.Add(port) : plain.Remove(port);
            }
            Assert.Equal(plain, ports.Tcp);
            Assert.Equal(plain.Count, ports.Count);
            Assert.All(plain.Index(), item => Assert.Equal(item.Item, ports.Tcp[item.Index]));
            Assert.Equal(ports.Tcp.Count == 0 ? "none" : ports.Tcp.ToString(), ports.ToString());
            Assert.All(Enumerable.Range(0, 200).Select(_ => random.Next(-5, 65540)), port => Assert.Equal(plain.Contains(port), ports.Tcp.Contains(port)));
            Assert.Throws<ArgumentOutOfRangeException>(() => ports.Tcp[ports.Tcp.Count]);
        }
    }

    [Fact]
    public void Enumerating_ports_allocates_nothing()
    {
        var ports = PortSet.Parse("all,!22,!80-90");
        var sum = 0L;
        foreach (var port in ports.Tcp)
            sum += port;
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var port in ports.Tcp)
            sum -= port;
        Assert.Equal((0, 0), (sum, GC.GetAllocatedBytesForCurrentThread() - before));
    }
}
