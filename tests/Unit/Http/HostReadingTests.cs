using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>
/// However a host is spelled, whoever names it: it is refused, or the endpoint that is dialled is the one that the policy was asked
/// about. The policy allows that one endpoint only, so another reading shows as a denial.
/// </summary>
public class HostReadingTests
{
    private const string Start = "start.test";

    /// <summary>What stands between <c>http://</c> and the path, and the endpoint meant by it; null for what must be refused.</summary>
    public static TheoryData<string, string?> Spellings => new()
    {
        { "example.test", "example.test:80" },
        { "EXAMPLE.Test", "example.test:80" },
        { "example.test.", "example.test:80" },
        { "_a-b.example.test", "_a-b.example.test:80" },
        { "localhost", "localhost:80" },
        { "LOCALHOST.", "localhost:80" },
        { "example.test..", null },
        { ".example.test", null },
        { "a..example.test", null },
        { "", null },
        { ".", null },
        // Ports.
        { "example.test:8080", "example.test:8080" },
        { "example.test:00080", "example.test:80" },
        { "example.test:", "example.test:80" },
        { "example.test:0", null },
        { "example.test:65536", null },
        { "example.test:+80", null },
        { "example.test:８０", null },
        { "example.test:80:90", null },
        { ":80", null },
        // IPv4 in the spellings of inet_aton, and what only looks like it.
        { "127.0.0.1", "127.0.0.1:80" },
        { "127.0.0.1.", "127.0.0.1:80" },
        { "127.1", "127.0.0.1:80" },
        { "0x7f.1", "127.0.0.1:80" },
        { "0x7f000001", "127.0.0.1:80" },
        { "2130706433", "127.0.0.1:80" },
        { "0177.0.0.1", "127.0.0.1:80" },
        { "127.0.0.01", "127.0.0.1:80" },
        { "256.0.0.1", null },
        { "1.2.3.4.5", null },
        { "0x100000000", null },
        { "08.0.0.1", null },
        { "example.1", null },
        // Beyond ASCII.
        { "bücher.test", "xn--bcher-kva.test:80" },
        { "BÜCHER.test", "xn--bcher-kva.test:80" },
        { "xn--bcher-kva.test", "xn--bcher-kva.test:80" },
        { "日本語.test", "xn--wgv71a119e.test:80" },
        { "ｅｘａｍｐｌｅ.test", "example.test:80" },
        { "１２７.0.0.1", "127.0.0.1:80" },
        { "127\u30020\uFF0E0\uFF611", "127.0.0.1:80" },
        { "127.0.0.\U0001D7CF", null },
        { "\u2460.test", null },
        { "a\u00ADb.test", null },
        { "a\u200Bb.test", null },
        { "a\u200Db.test", null },
        { "a\u202Eb.test", null },
        { "a\u2060b.test", null },
        { "a\u00A0b.test", null },
        { "a\u3000b.test", null },
        { "good.test\u2215.evil.test", null },
        { "good.test\u2044.evil.test", null },
        { "good.test\uFF0F.evil.test", null },
        { "good.test\uFF20evil.test", null },
        { "good.test\uFF1A80", null },
        // Escapes and characters that no host has.
        { "%65xample.test", null },
        { "a%2eb.test", null },
        { "127.0.0.1%00.test", null },
        { "a b.test", null },
        { "a\tb.test", null },
        { "a;b.test", null },
        { "a,b.test", null },
        { "$(id).test", null },
        { "*", null },
        { "good.test\\evil.test", null },
        { "good.test\\@evil.test", null },
        // Where the host begins and ends.
        { "user@example.test", "example.test:80" },
        { "user:pass@example.test:81", "example.test:81" },
        { "@example.test", "example.test:80" },
        { "good.test@evil.test", "evil.test:80" },
        { "good.test:80@evil.test", "evil.test:80" },
        { "good.test%2f@evil.test", "evil.test:80" },
        { "good.test#@evil.test", "good.test:80" },
        { "good.test?@evil.test", "good.test:80" },
        { "a@b@evil.test", null },
        { "[::1]@evil.test", null },
        { "user@", null },
        // IPv6.
        { "[::1]", "[::1]:80" },
        { "[0:0:0:0:0:0:0:1]:81", "[::1]:81" },
        { "[2001:DB8::A]", "[2001:db8::a]:80" },
        { "[::FFFF:7f00:1]", "[::ffff:127.0.0.1]:80" },
        { "[fe80::1%25eth0]", "[fe80::1%eth0]:80" },
        { "[fe80::1%eth0]", "[fe80::1%eth0]:80" },
        { "[fe80::1%25]", null },
        { "::1", null },
        { "[::1", null },
        { "[::1]]", null },
        { "[[::1]]", null },
        { "[::1]x:80", null },
        { "[::1].:80", null },
        { "[::1]:0", null },
        { "[127.0.0.1]", null },
        { "[example.test]", null },
        { "[v1.a]", null },
    };

    [Theory, MemberData(nameof(Spellings))]
    public async Task A_host_in_a_url_is_refused_or_dialled_as_checked(string authority, string? meant)
    {
        var dialled = new List<Endpoint>();
        using var client = new HTTPClient(Options(meant, (endpoint, _) =>
        {
            dialled.Add(endpoint);
            throw new IOException("Recorded.");
        }));
        var error = await Record.ExceptionAsync(() => client.GetAsync($"http://{authority}/", cancellationToken: TestContext.Current.CancellationToken));
        if (meant is null)
            Assert.IsType<ArgumentException>(error);
        else
            Assert.IsType<ConnectionException>(error);
        Assert.Equal(meant is null ? [] : [meant], dialled.Select(endpoint => endpoint.ToString()));
        if (error is NetworkException { Endpoint: { } named })
            Assert.Equal(meant, named.ToString());
    }

    [Theory, MemberData(nameof(Spellings))]
    public async Task A_host_in_a_redirect_is_refused_or_dialled_as_checked(string authority, string? meant)
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 302 Found\r\nLocation: http://{authority}/\r\nContent-Length: 0\r\n\r\n"), stop);
        });
        var dialled = new List<Endpoint>();
        using var client = new HTTPClient(Options(meant, async (endpoint, stop) =>
        {
            if (endpoint.Host == Start)
                return await ConnectAsync(server.EndPoint, stop);
            dialled.Add(endpoint);
            throw new IOException("Recorded.");
        }));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync($"http://{Start}/", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(meant is null ? (ErrorCodes.HttpRedirectRefused, "") : (error.Code, meant), (error.Code, string.Join(' ', dialled)));
        Assert.All(dialled, endpoint => Assert.Equal(meant, endpoint.ToString()));
    }

    [Theory]
    [InlineData("//evil.test/")]
    [InlineData("///evil.test/")]
    [InlineData("////evil.test/")]
    [InlineData("\\\\evil.test/")]
    [InlineData("/\\evil.test/")]
    [InlineData("\\/evil.test/")]
    [InlineData("/path\\..\\evil")]
    [InlineData("http:evil.test")]
    [InlineData("http:/evil.test")]
    [InlineData("http:///evil.test")]
    [InlineData("http:\\\\evil.test")]
    [InlineData("HTTP://EVIL.test")]
    [InlineData("https://base.test/")]
    [InlineData("//base.test:81/")]
    [InlineData("file:///etc/hosts")]
    [InlineData("evil.test:80/")]
    [InlineData(":80/")]
    public void A_relative_url_that_would_leave_its_base_is_refused(string url)
    {
        using var client = new HTTPClient(new HTTPClientOptions { BaseUrl = "http://base.test/a/" });
        Assert.Throws<ArgumentException>(() => client.Prepare(new Request("GET", url)));
    }

    [Theory]
    [InlineData("b", "http://base.test/a/b")]
    [InlineData("/b?q=\\", "http://base.test/b?q=%5C")]
    [InlineData("?//evil.test", "http://base.test/a/?//evil.test")]
    [InlineData("./b:c", "http://base.test/a/b:c")]
    [InlineData("/.//evil.test", "http://base.test//evil.test")]
    [InlineData("//BASE.test.:80/b", "http://base.test/b")]
    [InlineData("http://base.test", "http://base.test/")]
    [InlineData("http://[fe80::1%eth0]/?q", "http://[fe80::1%25eth0]:80/?q")]
    public void A_url_with_a_base_is_sent_as_it_was_read(string url, string sent)
    {
        var allowOthers = url.StartsWith("http://[", StringComparison.Ordinal);
        using var client = new HTTPClient(new HTTPClientOptions { BaseUrl = "http://base.test/a/", AllowOtherOrigins = allowOthers });
        Assert.Equal(sent, client.Prepare(new Request("GET", url)).Url);
    }

    [Theory]
    [InlineData("example.test")]
    [InlineData("EXAMPLE.test.")]
    [InlineData("ｅｘａｍｐｌｅ.test")]
    [InlineData("user@example.test")]
    public async Task The_resolver_is_asked_for_the_name_that_the_policy_was_asked_about(string host)
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var resolver = DnsScriptedResolver.Of(null, "127.0.0.1");
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Transport = new TransportOptions { Policy = EgressPolicy.Nothing.Allowing("example.test"), Resolver = new ResolverOptions { Custom = resolver } },
        });
        using var response = await client.GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"http://{host}:{server.Port}/"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["example.test"], resolver.Asked);
        Assert.Equal("example.test", response.Url.Host);
    }

    [Fact]
    public async Task The_zone_of_an_address_survives_query_and_credentials()
    {
        Endpoint? dialled = null;
        using var client = new HTTPClient(Options("[fe80::1%eth0]:80", (endpoint, _) =>
        {
            dialled = endpoint;
            throw new IOException("Recorded.");
        }));
        var options = new RequestOptions { Query = [new("q", "1")] };
        await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync("http://u:p@[fe80::1%25eth0]/a", options, TestContext.Current.CancellationToken));
        Assert.Equal(new Endpoint("fe80::1%eth0", 80), dialled);
    }

    private static HTTPClientOptions Options(string? meant, Func<Endpoint, CancellationToken, ValueTask<Stream>> dial) => RawAnswer.Options with
    {
        Transport = new TransportOptions
        {
            // A rule has no zone: it is about destinations, not links.
            Policy = meant is null ? EgressPolicy.Unrestricted : EgressPolicy.Nothing.Allowing(Start, meant.Replace("%eth0", "")),
            DialOver = dial,
        },
    };

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint server, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, stop);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
