using System.Text;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxyHttpConnectCodecTests
{
    [Fact]
    public void Request_is_authority_form_with_host_and_nothing_else()
    {
        Assert.Equal("CONNECT server.example.com:80 HTTP/1.1\r\nHost: server.example.com:80\r\n\r\n",
            Text(HttpConnect.Request(new Endpoint("server.example.com", 80), null)));
        Assert.Equal("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nProxy-Authorization: Basic QQ==\r\n\r\n",
            Text(HttpConnect.Request(new Endpoint("2001:db8::1", 443), "Basic QQ==")));
    }

    [Theory]
    [InlineData("a\r\nX: y", 80, null)]
    [InlineData("a\0", 80, null)]
    [InlineData("a b", 80, null)]
    [InlineData("a:1", 80, null)]
    [InlineData("[::1]", 80, null)]
    [InlineData("fe80::1%eth0", 80, null)]
    [InlineData("user@a", 80, null)]
    [InlineData("a", 0, null)]
    [InlineData("a", 65536, null)]
    [InlineData("a", 80, "Basic x\r\nY: z")]
    [InlineData("a", 80, "")]
    public void A_part_that_would_change_the_request_is_rejected(string host, int port, string? authorization) =>
        Assert.ThrowsAny<ArgumentException>(() => HttpConnect.Request(new Endpoint(host, port), authorization));

    [Fact]
    public void Head_is_read_with_the_headers_that_matter()
    {
        var reply = Parse("HTTP/1.1 407 Proxy Authentication Required\r\nDate: now\r\nproxy-authenticate: Basic realm=\"x\"\r\n" +
            "Proxy-Authenticate:\tDigest nonce=1\r\nRetry-After:  120 \r\nContent-Length: 3\r\n\r\n");
        Assert.Equal(407, reply.Status);
        Assert.Equal("Proxy Authentication Required", reply.Reason);
        Assert.Equal(["Basic", "Digest"], reply.Schemes);
        Assert.Equal(TimeSpan.FromSeconds(120), reply.RetryAfter);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 Connection established\r\n\r\n", 200, "Connection established")]
    [InlineData("HTTP/1.1 200 \r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 200\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 599 a  b\r\nA:\r\n\r\n", 599, "a  b")]
    [InlineData("HTTP/1.1 502 \u001b[31m\r\n\r\n", 502, "\u001b[31m")]
    public void Status_lines_that_proxies_send_are_read(string head, int status, string reason)
    {
        var reply = Parse(head);
        Assert.Equal((status, reason), (reply.Status, reply.Reason));
    }

    [Theory]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK!\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 600 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200\tOK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\rK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\nK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nNoColon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: empty\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA : blank\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nA: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("")]
    public void Malformed_heads_are_rejected(string head) => Assert.Throws<FormatException>(() => Parse(head));

    [Theory]
    [InlineData("Fri, 31 Dec 1999 23:59:59 GMT")]
    [InlineData("-1")]
    [InlineData("9999999999")]
    [InlineData("")]
    public void Retry_After_that_is_no_number_of_seconds_is_left_out(string value) =>
        Assert.Null(Parse($"HTTP/1.1 503 x\r\nRetry-After: {value}\r\n\r\n").RetryAfter);

    [Theory]
    [InlineData("", 16)]
    [InlineData("HTTP/1.1 20", 5)]
    [InlineData("HTTP/1.1 200 OK\r", 3)]
    [InlineData("HTTP/1.1 200 OK\r\n", 2)]
    [InlineData("HTTP/1.1 200 OK\r\n\r", 1)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nA", 4)]
    public void Missing_is_what_must_still_come(string received, int missing) => Assert.Equal(missing, HttpConnect.Missing(Bytes(received)));

    [Theory]
    [InlineData("S")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTQ")]
    [InlineData("HTTP/1.1 200 OK\n")]
    [InlineData("HTTP/1.1 200 OK\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\n")]
    public void What_can_not_become_a_head_is_rejected_at_once(string received) =>
        Assert.Throws<FormatException>(() => HttpConnect.Missing(Bytes(received)));

    [Fact]
    public void A_head_of_16_KiB_is_read_and_one_byte_more_is_not()
    {
        var start = "HTTP/1.1 200 OK\r\nA: ";
        var full = start + new string('x', HttpConnect.MaxHead - start.Length - 4) + "\r\n\r\n";
        Assert.Equal(0, HttpConnect.Missing(Bytes(full)));
        Assert.Equal(200, Parse(full).Status);
        var more = start + new string('x', HttpConnect.MaxHead - start.Length - 3);
        Assert.Throws<FormatException>(() => HttpConnect.Missing(Bytes(more)));
        Assert.Throws<FormatException>(() => Parse(more + "\r\n\r\n"));
    }

    private static HttpConnectReply Parse(string head) => HttpConnect.Parse(Bytes(head));

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
