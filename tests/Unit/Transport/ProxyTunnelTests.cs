using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxyTunnelTests
{
    private const string Canary = "c4nary-p4ssword";
    private const string Granted5 = "\x05\0\0\x01\x7f\0\0\x01\x1f\x90";
    private static readonly Endpoint Target = new("target.example", 443);

    public static TheoryData<ProxyKind, string> Successes => new()
    {
        { ProxyKind.Http, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n" },
        { ProxyKind.Http, "HTTP/1.1 204\r\n\r\n" },
        { ProxyKind.Http, "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" },
        { ProxyKind.Https, "HTTP/1.0 200 OK\r\n\r\n" },
        { ProxyKind.Socks4a, "\0\x5a\x12\x34\x01\x02\x03\x04" },
        { ProxyKind.Socks5, "\x05\0" + Granted5 },
        { ProxyKind.Socks5h, "\x05\0" + Granted5 },
        { ProxyKind.Socks5h, "\x05\0" + "\x05\0\0\x03\x03" + "abc\x1f\x90" },
        { ProxyKind.Socks5h, "\x05\0" + "\x05\0\0\x04" + "0123456789abcdef\x1f\x90" },
    };

    [Theory]
    [MemberData(nameof(Successes))]
    public async Task Bytes_after_the_answer_belong_to_the_tunnel_however_the_answer_is_cut(ProxyKind kind, string answer)
    {
        foreach (var piece in (int[])[1, 2, 3, 5, 7, int.MaxValue])
        {
            var script = ProxyScript.Of(answer + "SSH-2.0-first\r\n\r\n", piece);
            await Open(script, Proxy(kind));
            Assert.Equal("SSH-2.0-first\r\n\r\n", Encoding.Latin1.GetString(script.Unread));
        }
    }

    [Fact]
    public async Task Bytes_sent_in_one_segment_with_the_answer_stay_in_the_socket()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var peer = await accepting;
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n\r\nfirst bytes"));

        await Open(client.GetStream(), Proxy(ProxyKind.Http));
        var first = new byte[11];
        await client.GetStream().ReadExactlyAsync(first);
        Assert.Equal("first bytes", Encoding.ASCII.GetString(first));
    }

    [Fact]
    public async Task Http_sends_the_name_or_the_checked_address()
    {
        var byName = ProxyScript.Of("HTTP/1.1 200 OK\r\n\r\n");
        await Open(byName, Proxy(ProxyKind.Http, "me", "pw"));
        Assert.Equal("CONNECT target.example:443 HTTP/1.1\r\nHost: target.example:443\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n", byName.HeardText);

        var byAddress = ProxyScript.Of("HTTP/1.1 200 OK\r\n\r\n");
        await Open(byAddress, Proxy(ProxyKind.Http), "2001:db8::5");
        Assert.Equal("CONNECT [2001:db8::5]:443 HTTP/1.1\r\nHost: [2001:db8::5]:443\r\n\r\n", byAddress.HeardText);
    }

    [Fact]
    public async Task Socks5_sends_the_checked_address_and_socks5h_the_name()
    {
        var script = ProxyScript.Of("\x05\0" + Granted5);
        await Open(script, Proxy(ProxyKind.Socks5), "192.0.2.9");
        Assert.Equal([5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 9, 1, 0xBB], script.Heard);

        script = ProxyScript.Of("\x05\0" + Granted5);
        await Open(script, Proxy(ProxyKind.Socks5h), "192.0.2.9");
        Assert.Equal([5, 1, 0, 5, 1, 0, 3, 14, .. "target.example"u8, 1, 0xBB], script.Heard);
    }

    [Theory]
    [InlineData("192.0.2.1", new byte[] { 5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 1, 0xBB })]
    [InlineData("::ffff:192.0.2.1", new byte[] { 5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 1, 0xBB })]
    [InlineData("fe80::1%7", new byte[] { 5, 1, 0, 5, 1, 0, 4, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0xBB })]
    public async Task A_literal_target_is_sent_as_an_address_without_its_zone(string host, byte[] heard)
    {
        foreach (var kind in (ProxyKind[])[ProxyKind.Socks5, ProxyKind.Socks5h])
        {
            var script = ProxyScript.Of("\x05\0" + Granted5);
            await ProxyTunnel.OpenAsync(script, Proxy(kind), new Endpoint(host, 443), null, default);
            Assert.Equal(heard, script.Heard);
        }
    }

    [Fact]
    public async Task Socks5_without_an_address_is_a_bug_of_the_caller()
    {
        var script = ProxyScript.Of("");
        await Assert.ThrowsAsync<ArgumentException>(() =>
            ProxyTunnel.OpenAsync(script, Proxy(ProxyKind.Socks5), Target, null, default).AsTask());
        Assert.Empty(script.Heard);
    }

    [Fact]
    public async Task Socks5_sends_credentials_only_where_the_proxy_asks()
    {
        var asks = ProxyScript.Of("\x05\x02" + "\x01\0" + Granted5);
        await Open(asks, Proxy(ProxyKind.Socks5h, "me", "pw"));
        Assert.StartsWith("\x05\x02\0\x02" + "\x01\x02me\x02pw" + "\x05\x01\0\x03", asks.HeardText, StringComparison.Ordinal);

        var open = ProxyScript.Of("\x05\0" + Granted5);
        await Open(open, Proxy(ProxyKind.Socks5h, "me", "pw"));
        Assert.DoesNotContain("pw", open.HeardText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socks4a_sends_user_and_name_or_an_IPv4_address()
    {
        var byName = ProxyScript.Of("\0\x5a\0\0\0\0\0\0");
        await Open(byName, Proxy(ProxyKind.Socks4a, "me"), null);
        Assert.Equal([4, 1, 1, 0xBB, 0, 0, 0, 1, .. "me\0target.example\0"u8], byName.Heard);

        var byAddress = ProxyScript.Of("\0\x5a\0\0\0\0\0\0");
        await Open(byAddress, Proxy(ProxyKind.Socks4a), "192.0.2.9");
        Assert.Equal([4, 1, 1, 0xBB, 192, 0, 2, 9, 0], byAddress.Heard);
    }

    public static TheoryData<ProxyKind, string, string, string, bool> Failures => new()
    {
        { ProxyKind.Http, "HTTP/1.1 403 Forbidden\r\n\r\nbody", "proxy.refused", "status 403 Forbidden", false },
        { ProxyKind.Http, "HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy.refused", "status 502 Bad Gateway", true },
        { ProxyKind.Http, "HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", "proxy.refused", "status 302 Found", false },
        { ProxyKind.Http, "HTTP/1.1 503 \x1b[2J\x07\x9b\r\n\r\n", "proxy.refused", "status 503 \\u001b[2J\\u0007\\u009b", true },
        { ProxyKind.Http, "HTTP/1.1 407 Nope\r\nProxy-Authenticate: Basic realm=x\r\nProxy-Authenticate: NTLM\r\n\r\n", "proxy.authentication", "it takes Basic, NTLM", false },
        { ProxyKind.Http, "HTTP/1.1 407\r\n\r\n", "proxy.authentication", "status 407", false },
        { ProxyKind.Http, "HTTP/1.1 101 Switching\r\n\r\n", "proxy.protocol", "101", false },
        { ProxyKind.Http, "HTTP/1.1 200 OK\r\nA: b\r\n", "proxy.protocol", "in the middle", false },
        { ProxyKind.Http, "SSH-2.0-OpenSSH_9\r\n", "proxy.protocol", "status line", false },
        { ProxyKind.Http, "\x05\xff", "proxy.protocol", "status line", false },
        { ProxyKind.Http, "HTTP/1.1 200 OK\n\n", "proxy.protocol", "without CR", false },
        { ProxyKind.Http, "", "proxy.refused", "without an answer", true },
        { ProxyKind.Socks5h, "", "proxy.refused", "without an answer", true },
        { ProxyKind.Socks5h, "\x05", "proxy.protocol", "in the middle", false },
        { ProxyKind.Socks5h, "\x05\0", "proxy.protocol", "in the middle", false },
        { ProxyKind.Socks5h, "HTTP/1.1 400 Bad\r\n\r\n", "proxy.protocol", "0x48", false },
        { ProxyKind.Socks5h, "\x05\xff", "proxy.authentication", "user and password", false },
        { ProxyKind.Socks5h, "\x05\x01", "proxy.protocol", "not offered", false },
        { ProxyKind.Socks5h, "\x05\x02\x01\x01", "proxy.authentication", "rejected the user and password", false },
        { ProxyKind.Socks5h, "\x05\x02\x05\0", "proxy.protocol", "version 0x01", false },
        { ProxyKind.Socks5h, "\x05\0\x05\x01", "proxy.refused", "general SOCKS server failure", true },
        { ProxyKind.Socks5h, "\x05\0\x05\x02", "proxy.refused", "not allowed by ruleset", false },
        { ProxyKind.Socks5h, "\x05\0\x05\x03\0\x01\0\0\0\0\0\0", "proxy.refused", "network unreachable", true },
        { ProxyKind.Socks5h, "\x05\0\x05\x04\0\x01\0\0\0\0\0\0", "proxy.refused", "host unreachable", true },
        { ProxyKind.Socks5h, "\x05\0\x05\x05\0\x01\0\0\0\0\0\0", "proxy.refused", "connection refused", true },
        { ProxyKind.Socks5h, "\x05\0\x05\x07\0\x01\0\0\0\0\0\0", "proxy.refused", "command not supported", false },
        { ProxyKind.Socks5h, "\x05\0\x05\0\0\x09", "proxy.protocol", "address type", false },
        { ProxyKind.Socks5h, "\x05\0\x05\0\0\x01\0\0\0\0\0", "proxy.protocol", "in the middle", false },
        { ProxyKind.Socks4a, "", "proxy.refused", "without an answer", true },
        { ProxyKind.Socks4a, "\0\x5b\0\0\0\0\0\0", "proxy.refused", "rejected or failed", true },
        { ProxyKind.Socks4a, "\0\x5c\0\0\0\0\0\0", "proxy.authentication", "identd", false },
        { ProxyKind.Socks4a, "\0\x5d\0\0\0\0\0\0", "proxy.authentication", "identd", false },
        { ProxyKind.Socks4a, "\0\x5a\0", "proxy.protocol", "in the middle", false },
        { ProxyKind.Socks4a, "\x05\0\0\0\0\0\0\0", "proxy.protocol", "0x05", false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_failure_is_a_proxy_error_that_says_why(ProxyKind kind, string answer, string code, string says, bool transient)
    {
        foreach (var piece in (int[])[1, int.MaxValue])
        {
            var proxy = kind == ProxyKind.Socks4a ? Proxy(kind, "me") : Proxy(kind, "me", Canary);
            var error = await Assert.ThrowsAsync<ProxyException>(() => Open(ProxyScript.Of(answer, piece), proxy));
            Assert.Equal(code, error.Code);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            Assert.Contains(proxy.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Equal(transient, error.IsTransient);
            Assert.Equal((NetworkPhase.Proxy, Target, WasSent.Never), (error.Phase, error.Endpoint, error.WasSent));
            Assert.DoesNotContain(Canary, error.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(error.Message, c => c is < ' ' or > '~');
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 403 not with " + Canary + "\r\n\r\n")]
    [InlineData("HTTP/1.1 407 x\r\nProxy-Authenticate: " + Canary + "\r\n\r\n")]
    [InlineData("HTTP/1.1 403 bWU6YzRuYXJ5LXA0c3N3b3Jk\r\n\r\n")]
    [InlineData(Canary + " is no status line\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n" + Canary + "\r\n\r\n")]
    public async Task A_proxy_that_repeats_the_password_does_not_bring_it_into_an_error(string answer)
    {
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(ProxyScript.Of(answer), Proxy(ProxyKind.Http, "me", Canary)));
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("bWU6YzRuYXJ5LXA0c3N3b3Jk", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_reason_is_cut_and_a_wait_is_kept()
    {
        var script = ProxyScript.Of("HTTP/1.1 503 " + new string('x', 5000) + "\r\nRetry-After: 7\r\n\r\n");
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(script, Proxy(ProxyKind.Http)));
        Assert.InRange(error.Message.Length, 100, 400);
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
    }

    [Fact]
    public async Task An_endless_head_is_refused_after_16_KiB()
    {
        var script = ProxyScript.Of("HTTP/1.1 200 OK\r\nA: " + new string('x', 100_000));
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(script, Proxy(ProxyKind.Http)));
        Assert.Equal("proxy.protocol", error.Code);
        Assert.InRange(script.Unread.Length, 100_000 - (16 * 1024), 100_000);
    }

    [Fact]
    public async Task Endless_interim_answers_are_refused()
    {
        var script = ProxyScript.Of(string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50)));
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(script, Proxy(ProxyKind.Http)));
        Assert.Equal("proxy.protocol", error.Code);
    }

    [Theory]
    [InlineData(ProxyKind.Http)]
    [InlineData(ProxyKind.Socks4a)]
    [InlineData(ProxyKind.Socks5h)]
    public async Task A_host_that_would_change_the_request_fails_before_a_byte_is_written(ProxyKind kind)
    {
        foreach (var host in (string[])["a\r\nX: y", "a\0b", "a b", "", new string('a', 256)])
        {
            var script = ProxyScript.Of("");
            var error = await Assert.ThrowsAsync<ProxyException>(() =>
                ProxyTunnel.OpenAsync(script, Proxy(kind), new Endpoint(host, 80), null, default).AsTask());
            Assert.Equal(("proxy.refused", false), (error.Code, error.IsTransient));
            Assert.Empty(script.Heard);
        }
    }

    [Theory]
    [InlineData(ProxyKind.Socks5h, "u\r\n", "p")]
    [InlineData(ProxyKind.Socks5h, "u", Canary + "\0")]
    [InlineData(ProxyKind.Socks4a, "u\0v", null)]
    public async Task Credentials_with_control_characters_fail_before_a_byte_is_written(ProxyKind kind, string user, string? password)
    {
        var script = ProxyScript.Of("");
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(script, Proxy(kind, user, password)));
        Assert.Empty(script.Heard);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socks4_never_falls_back_to_a_name_for_an_IPv6_address()
    {
        var script = ProxyScript.Of("");
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(script, Proxy(ProxyKind.Socks4a), "2001:db8::1"));
        Assert.Contains("IPv6", error.Message, StringComparison.Ordinal);
        Assert.Empty(script.Heard);
    }

    [Fact]
    public async Task A_broken_connection_is_refused_with_its_cause()
    {
        var cause = new IOException("reset");
        var error = await Assert.ThrowsAsync<ProxyException>(() => Open(new ProxyScript([5], failure: cause), Proxy(ProxyKind.Socks5h)));
        Assert.Equal("proxy.refused", error.Code);
        Assert.Same(cause, error.InnerException);
    }

    [Fact]
    public async Task The_callers_cancellation_stays_a_cancellation()
    {
        foreach (var kind in Enum.GetValues<ProxyKind>())
        {
            using var stop = new CancellationTokenSource();
            var opening = ProxyTunnel.OpenAsync(new ProxyScript([]) { Stalls = true }, Proxy(kind), Target, IPAddress.Loopback, stop.Token).AsTask();
            Assert.False(opening.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        }
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")]
    [InlineData("test", "123\u00A3", "Basic dGVzdDoxMjPCow==")]
    [InlineData("me", null, "Basic bWU6")]
    public void Basic_credentials_are_those_of_RFC_7617(string? user, string? password, string? value) =>
        Assert.Equal(value, ProxyTunnel.BasicCredentials(Proxy(ProxyKind.Http, user, password)));

    private static ProxyOptions Proxy(ProxyKind kind, string? user = null, string? password = null) =>
        new() { Kind = kind, Host = "proxy.example", Port = 3128, User = user, Password = password };

    private static Task Open(Stream stream, ProxyOptions proxy, string? address = null)
    {
        if (proxy.Kind == ProxyKind.Socks5)
            address ??= "192.0.2.1";
        return ProxyTunnel.OpenAsync(stream, proxy, Target, address is null ? null : IPAddress.Parse(address), default).AsTask();
    }
}
