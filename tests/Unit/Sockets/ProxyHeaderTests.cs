using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Sockets.Protocol;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 15: the PROXY protocol, from trusted peers only.</summary>
public class ProxyHeaderTests
{
    private static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();
    private static readonly TCPServerOptions Trusting = new() { Framing = Framing.Lines, TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")] };

    /// <summary>A header of version 2.</summary>
    private static byte[] Binary(int command, int family, params byte[] addresses) =>
        [.. Signature, (byte)(0x20 | command), (byte)family, (byte)(addresses.Length >> 8), (byte)addresses.Length, .. addresses];

    private static IPEndPoint? Read(byte[] header, int chunk = int.MaxValue)
    {
        var received = 0;
        while (ProxyHeader.Missing(header.AsSpan(0, received)) is var missing and > 0)
        {
            Assert.True(received + missing <= header.Length, "it asks for what belongs to the data");
            received += Math.Min(missing, chunk);
        }
        Assert.Equal(header.Length, received);
        return ProxyHeader.Read(header);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7:56324")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n", "[2001:db8::7]:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null)]
    public void Version_1_is_read_to_its_last_byte_and_not_beyond(string line, string? source)
    {
        Assert.Equal(source, Read(Encoding.ASCII.GetBytes(line))?.ToString());
        Assert.Equal(source, Read(Encoding.ASCII.GetBytes(line), chunk: 1)?.ToString());
    }

    [Fact]
    public void Version_2_is_read_with_its_extensions()
    {
        Assert.Equal("192.0.2.7:4660", Read(Binary(1, 0x11, 192, 0, 2, 7, 1, 1, 1, 1, 0x12, 0x34, 0, 80))?.ToString());
        var six = new byte[36];
        six[0] = 0x20;
        six[15] = 9;
        six[33] = 7;
        Assert.Equal("[2000::9]:7", Read(Binary(1, 0x21, [.. six, 0x04, 0, 1, 0]))?.ToString());
        Assert.Null(Read(Binary(0, 0x00)));
        Assert.Null(Read(Binary(1, 0x31, new byte[216])));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.07 198.51.100.1 1 2\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 198.51.100.1 1 2\r\n")]
    [InlineData("PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n")]
    [InlineData("PROXY TCP9 192.0.2.7 198.51.100.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7  198.51.100.1 1 2\r\n")]
    [InlineData("PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n")]
    [InlineData("PROXY UNKNOWN 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123\r\n")]
    public void A_line_that_is_no_header_is_refused(string line) => Assert.Throws<FormatException>(() => Read(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void Binary_nonsense_is_refused()
    {
        Assert.Throws<FormatException>(() => Read(Binary(2, 0x11, new byte[12])));
        Assert.Throws<FormatException>(() => Read(Binary(1, 0x11, new byte[11])));
        Assert.Throws<FormatException>(() => Read(Binary(1, 0x51, new byte[12])));
        Assert.Throws<FormatException>(() => Read(Binary(1, 0x11, new byte[5000])));
        Assert.Throws<FormatException>(() => Read([.. Signature, 0x11, 0x11, 0, 0]));
    }

    [Fact]
    public async Task A_trusted_proxy_says_for_whom_it_connects()
    {
        var seen = new TaskCompletionSource<(string?, string?, string)>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            seen.TrySetResult((connection.RemoteEndPoint?.ToString(), (connection.ProxyEndPoint as IPEndPoint)?.Address.ToString(), connection.Endpoint.ToString()));
            await EchoAsync(connection, ct);
        }, Trusting);
        await using var client = ClientOf(server, new TCPClientOptions { Framing = Framing.Lines });
        await (await client.ConnectAsync(Stop)).AsStream().WriteAsync("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\nhello\n"u8.ToArray(), Stop);
        Assert.Equal("hello", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal(("192.0.2.7:56324", "127.0.0.1", "192.0.2.7:56324"), await seen.Task);
    }

    [Fact]
    [Trait("Cve", "55")]
    public async Task A_header_from_anybody_else_is_data()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            Assert.StartsWith("127.0.0.1:", connection.RemoteEndPoint!.ToString());
            Assert.Null(connection.ProxyEndPoint);
            await EchoAsync(connection, ct);
        }, Trusting with { TrustedProxies = [IPNetwork.Parse("127.0.0.9/32")] });
        await using var client = ClientOf(server, new TCPClientOptions { Framing = Framing.Lines });
        await (await client.ConnectAsync(Stop)).AsStream().WriteAsync("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"u8.ToArray(), Stop);
        Assert.Equal("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443", (await client.ReceiveAsync(Stop)).Text());
    }

    [Fact]
    public async Task A_trusted_proxy_without_a_header_is_turned_away()
    {
        await using var server = Echo(Trusting);
        await using var client = ClientOf(server, new TCPClientOptions { Framing = Framing.Lines, Reconnect = false });
        await client.SendAsync("this is not a header", Stop);
        await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        Becomes(() => server.GetStatistics() is { HandshakesFailed: 1, Open: 0 }, "it was counted");
    }

    [Fact]
    public async Task Networks_and_limits_look_at_the_address_that_the_proxy_names()
    {
        await using var server = Echo(Trusting with { Deny = [IPNetwork.Parse("192.0.2.0/24")], Limits = new TCPServerLimits { ConnectionsPerAddress = 1 } });
        await using var denied = ClientOf(server, new TCPClientOptions { Framing = Framing.Lines });
        await (await denied.ConnectAsync(Stop)).AsStream().WriteAsync("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"u8.ToArray(), Stop);
        await FailsAsync(async () => await denied.ReceiveAsync(Stop), "tcp.reset");
        for (var i = 1; i <= 3; i++)
        {
            // Three connections of one proxy, for three clients: one each.
            var client = ClientOf(server, new TCPClientOptions { Framing = Framing.Lines });
            await (await client.ConnectAsync(Stop)).AsStream().WriteAsync(Encoding.ASCII.GetBytes($"PROXY TCP4 198.51.100.{i} 198.51.100.1 1 443\r\nx\n"), Stop);
            Assert.Equal("x", (await client.ReceiveAsync(Stop)).Text());
        }
        Becomes(() => server.GetStatistics() is { Open: 3, Refused: 1 }, "one was turned away");
    }
}
