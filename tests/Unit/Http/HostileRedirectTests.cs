using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Redirects to where no client should go, and redirects without end (RFC 9110, section 15.4).</summary>
public class HostileRedirectTests
{
    /// <summary>Only public addresses, and the loopback addresses that the test's own servers have.</summary>
    private static readonly HTTPClientOptions Guarded = RawAnswer.Options with
    {
        Transport = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly.Allowing("127.0.0.0/8") },
    };

    private static ScriptedServer To(string location, int status = 302) =>
        RawAnswer.ThenClose($"HTTP/1.1 {status.ToString(CultureInfo.InvariantCulture)} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");

    [Theory]
    [Trait("Cve", "6")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,hello")]
    [InlineData("gopher://127.0.0.1:70/_x")]
    [InlineData("unix:/var/run/docker.sock")]
    [InlineData("unix:///var/run/docker.sock")]
    [InlineData("http+unix://%2Fvar%2Frun%2Fdocker.sock/containers")]
    [InlineData("net.tcp://127.0.0.1/")]
    [InlineData("mailto:a@b.test")]
    [InlineData("ws://127.0.0.1/")]
    [InlineData("\\\\127.0.0.1\\share")]
    [InlineData("http://")]
    [InlineData("http:///path")]
    [InlineData("http://127.0.0.1:99999/")]
    [InlineData("http://[::1/")]
    [InlineData("http://evil.test\\@127.0.0.1/")]
    [InlineData("http://evil.test%00.127.0.0.1/")]
    [InlineData("http://a/\x01")]
    [InlineData("http://a/\x7f")]
    [InlineData("http://127.0.0.1/\r\nLocation: http://127.0.0.2/")]
    [InlineData("http://127.0.0.1 /")]
    public async Task Redirect_to_something_else_than_a_plain_web_address_is_refused(string location)
    {
        await using var server = To(location);
        var error = await RawAnswer.FailureAsync(server.Url, Guarded);
        Assert.Equal(ErrorCodes.HttpRedirectRefused, error.Code);
        Assert.Equal(302, Assert.IsType<HTTPException>(error).Status);
        Assert.Equal(1, server.ConnectionCount);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [Trait("Cve", "35")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://172.16.0.1/")]
    [InlineData("http://100.64.0.1/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://[fd00::1]/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xa9fea9fe/")]
    [InlineData("http://0251.0376.0251.0376/")]
    [InlineData("http://169.254.43518/")]
    [InlineData("//169.254.169.254/")]
    [InlineData("//169.254.169.254")]
    [InlineData("http:\\\\169.254.169.254\\latest")]
    [InlineData("http:/\\169.254.169.254/latest")]
    [InlineData("HTTP://169.254.169.254/")]
    [InlineData("http://user:pass@169.254.169.254/")]
    [InlineData("http://127.0.0.1@169.254.169.254/")]
    [InlineData("http://169.254.169.254:80#@127.0.0.1/")]
    [InlineData("http://169.254.169.254?@127.0.0.1/")]
    public async Task Redirect_to_a_forbidden_address_opens_no_connection(string location)
    {
        await using var server = To(location);
        using var client = new HTTPClient(Guarded);
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.True(error.Code is ErrorCodes.PolicyDenied or ErrorCodes.HttpRedirectRefused, error.ToString());
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Redirect_to_a_name_with_a_forbidden_address_opens_no_connection()
    {
        await using var server = To("http://inside.test/");
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["inside.test"] = [IPAddress.Parse("10.1.2.3")] };
        var options = Guarded with { Transport = Guarded.Transport with { Resolver = new ResolverOptions { Hosts = hosts } } };
        var error = await RawAnswer.FailureAsync(server.Url, options);
        Assert.IsType<PolicyException>(error);
        Assert.Contains("10.1.2.3", error.Message);
    }

    [Theory]
    [InlineData("\\\\other.test\\path")]
    [InlineData("/\\other.test/path")]
    [InlineData("/%5cother.test/path")]
    [InlineData("\\other.test")]
    [InlineData("///other.test/path")]
    [InlineData("https:other.test")]
    [InlineData("http:other.test")]
    [InlineData("http://127.0.0.1%2f@other.test/")]
    [InlineData("http://127.0.0.1%5c@other.test/")]
    public async Task Odd_location_never_leads_to_a_host_other_than_the_one_checked(string location)
    {
        // The first answer redirects, whatever follows is answered; only this server's own name has an address.
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            var request = await peer.ReadRequestAsync(stop);
            await peer.SendAsync(request.StartsWith("GET / ", StringComparison.Ordinal)
                ? $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", stop);
        });
        var policy = EgressPolicy.Nothing.Allowing("127.0.0.1");
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Policy = policy, Resolver = new ResolverOptions { Custom = DnsScriptedResolver.NotFound() } } });
        try
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(("127.0.0.1", server.Port), (response.Url.Host, response.Url.Port));
        }
        catch (NetworkException error)
        {
            Assert.True(error.Code is ErrorCodes.PolicyDenied or ErrorCodes.HttpRedirectRefused or ErrorCodes.DnsNotFound, error.ToString());
        }
    }

    // The platform has made spaces of NUL and CR before.
    [Theory]
    [InlineData("/a b?q=\u00fc c", "/a%20b?q=%C3%BC%20c")]
    [InlineData("/a\0b", "/a%20b")]
    [InlineData("/a\rInjected: 1", "/a%20Injected:%201")]
    public async Task Space_raw_utf8_and_line_breaks_in_the_path_of_a_location_are_escaped(string location, string target)
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            var request = await peer.ReadRequestAsync(stop);
            await peer.SendAsync(request.StartsWith("GET / ", StringComparison.Ordinal)
                ? $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : $"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{request.Split(' ')[1]}", stop);
        });
        using var client = new HTTPClient(Guarded);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(target, response.Text);
    }

    [Fact]
    [Trait("Cve", "8")]
    public async Task Redirect_from_https_to_http_is_refused()
    {
        using var authority = new TestCertificateAuthority();
        await using var plain = LoopbackServer.Start();
        await using var secure = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        plain.MapStatic("GET", "/", "plain"u8.ToArray());
        secure.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", plain.Url.ToString())]));
        var options = RawAnswer.Options with { Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } } };
        var error = await RawAnswer.FailureAsync(secure.Url, options);
        Assert.Equal(ErrorCodes.HttpRedirectRefused, error.Code);
        Assert.Equal(0, plain.ConnectionCount);
        using var client = new HTTPClient(options);
        var allowed = new RequestOptions { Redirects = new RedirectOptions { AllowDowngrade = true } };
        using var response = await client.GetAsync(secure.Url.ToString(), allowed, TestContext.Current.CancellationToken);
        Assert.Equal("plain", response.Text);
    }

    [Fact]
    public async Task Redirects_in_a_loop_end_at_the_limit()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/a", exchange => exchange.RespondAsync(302, headers: [new("Location", "/b")]))
            .Map("GET", "/b", exchange => exchange.RespondAsync(302, headers: [new("Location", "/a")]));
        var error = await RawAnswer.FailureAsync(new Uri(server.Url, "a"));
        Assert.Equal(ErrorCodes.HttpTooManyRedirects, error.Code);
        Assert.Equal(11, server.Requests.Count);
        Assert.Equal(302, Assert.Single(error.Attempts).Status);
    }

    [Fact]
    public async Task Empty_location_is_a_loop_and_ends_at_the_limit()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", "")]));
        var error = await RawAnswer.FailureAsync(server.Url, request: new RequestOptions { Redirects = new RedirectOptions { Limit = 2 } });
        Assert.Equal(ErrorCodes.HttpTooManyRedirects, error.Code);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Redirect_without_a_location_is_handed_out()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((302, "ok", 0), (response.Status, response.Text, response.History.Count));
    }

    [Fact]
    public async Task Body_of_a_redirect_without_end_does_not_hold_the_client_up()
    {
        await using var target = LoopbackServer.Start();
        target.MapStatic("GET", "/", "there"u8.ToArray());
        await using var server = EndlessPeer.Start($"HTTP/1.1 302 Found\r\nLocation: {target.Url}\r\n\r\n", "abcdefgh");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("there", response.Text);
        Assert.InRange(await server.Sent, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Userinfo_in_a_location_is_not_sent_as_a_credential()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/a", exchange => exchange.RespondAsync(302, headers: [new("Location", $"http://planted:planted@127.0.0.1:{exchange.Server.Port}/b")]))
            .MapStatic("GET", "/b", "ok"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url + "a", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("ok", response.Text);
        Assert.All(server.Requests, request => Assert.Null(request.Headers["Authorization"]));
        Assert.Equal("", response.Url.UserInfo);
    }

    [Theory]
    [InlineData("/x\0y")]
    [InlineData("/x\ry")]
    public async Task Control_characters_in_a_location_reach_no_request(string location)
    {
        // The platform reads them as spaces, and a space is escaped.
        var targets = new ConcurrentQueue<string>();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            var request = await peer.ReadRequestAsync(stop);
            targets.Enqueue(request.Split(' ')[1]);
            await peer.SendAsync(targets.Count == 1
                ? $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["/", "/x%20y"], targets);
    }

}
