using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What a cache keeps apart, and what it must not keep at all.</summary>
public class HttpCachePartitionTests
{
    private static readonly KeyValuePair<string, string>[] Fresh = [new("Cache-Control", "max-age=600")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_without_checking_certificates_is_never_given_to_who_checks_them()
    {
        using var trusted = new TestCertificateAuthority();
        using var stranger = new TestCertificateAuthority("Stranger");
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = stranger.Issue() } });
        server.MapStatic("GET", "/", "from a stranger"u8.ToArray(), headers: Fresh);
        var strict = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [trusted.Root] } };
        var careless = new RequestOptions { Transport = strict with { Tls = strict.Tls with { InsecureAcceptAnyCertificate = true } } };
        using var client = new HTTPClient(RawAnswer.Options with { Cache = new HttpCache(), Transport = strict });
        Assert.Equal(ErrorCodes.TlsUntrusted, (await RawAnswer.FailureAsync(client, server.Url)).Code);
        foreach (var expected in new[] { CacheOutcome.Miss, CacheOutcome.Hit })
        {
            using var response = await client.GetAsync(server.Url.ToString(), careless, Stop);
            Assert.Equal(expected, response.Cache);
        }
        Assert.Equal(ErrorCodes.TlsUntrusted, (await RawAnswer.FailureAsync(client, server.Url)).Code);
    }

    [Fact]
    public async Task What_came_under_one_policy_or_from_other_addresses_is_never_given_under_another()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "inside"u8.ToArray(), headers: Fresh);
        var hosts = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["intranet.test"] = [IPAddress.Loopback] } };
        var url = new Uri($"http://intranet.test:{server.Port}/");
        using var open = new HTTPClient(RawAnswer.Options with { Cache = new HttpCache(), Transport = new TransportOptions { Resolver = hosts } });
        await using var closed = open.With(options => options with { Transport = options.Transport with { Policy = EgressPolicy.PublicInternetOnly } });
        foreach (var expected in new[] { CacheOutcome.Miss, CacheOutcome.Hit })
        {
            using var response = await open.GetAsync(url.AbsoluteUri, cancellationToken: Stop);
            Assert.Equal(expected, response.Cache);
        }
        Assert.Equal(ErrorCodes.PolicyDenied, (await RawAnswer.FailureAsync(closed, url)).Code);
        var elsewhere = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["intranet.test"] = [IPAddress.Parse("127.0.0.9")] } };
        await using var other = open.With(options => options with { Transport = options.Transport with { Resolver = elsewhere } });
        Assert.Equal(ErrorCodes.TcpRefused, (await RawAnswer.FailureAsync(other, url)).Code);
    }

    [Fact]
    public async Task What_one_key_was_answered_is_never_given_to_another_whatever_field_it_goes_in()
    {
        const string Name = "X-Tenant-Of-Cache";
        var server = new MockTransport();
        server.When("GET", "*").Reply((request, _) => new(MockReply.Text(200, "for " + request.Headers[Name]) with { Headers = new(Fresh) }));
        var cache = new HttpCache();
        foreach (var (key, expected) in new[] { ("alice", CacheOutcome.Miss), ("bob", CacheOutcome.Miss), ("alice", CacheOutcome.Hit) })
        {
            using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = server, Cache = cache, Credential = Credential.ApiKey(key, Name) });
            using var response = await client.GetAsync("http://service.test/me", cancellationToken: Stop);
            Assert.Equal(("for " + key, expected), (response.Text, response.Cache));
        }
    }

    [Fact]
    public async Task Get_with_a_body_passes_by()
    {
        var server = new MockTransport();
        server.When("GET", "*").Reply((request, _) => new(MockReply.Text(200, "answer to " + request.Text) with { Headers = new(Fresh) }));
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = server, Cache = new HttpCache(), CoalesceRequests = true });
        foreach (var question in new[] { "one", "two", "one" })
        {
            using var response = await client.SendAsync(new Request("GET", "http://service.test/q") { Body = RequestBody.Text(question) }, Stop);
            Assert.Equal(("answer to " + question, CacheOutcome.None), (response.Text, response.Cache));
        }
    }

    [Theory]
    [InlineData("1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n")]
    [InlineData("1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n")]
    [InlineData("1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n")]
    [InlineData("1.1 101 Switching Protocols\r\nContent-Length: 0\r\n")]
    public async Task Malformed_answer_is_not_kept(string head)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/{head}Cache-Control: max-age=60\r\n\r\n0\r\n\r\n");
        using var client = new HTTPClient(RawAnswer.Options with { Cache = new HttpCache(), CoalesceRequests = true });
        for (var i = 0; i < 2; i++)
            Assert.Equal(ErrorCodes.HttpMalformed, (await RawAnswer.FailureAsync(client, server.Url)).Code);
        Assert.Equal((2, 0L), (server.ConnectionCount, client.Options.Cache!.Bytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_that_was_changed_while_it_was_read_is_not_kept(bool removed)
    {
        var go = new TaskCompletionSource();
        var version = "1";
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            var last = version;
            var body = await exchange.StartAsync(200, Fresh, 2);
            await body.WriteAsync("v"u8.ToArray());
            await body.FlushAsync();
            await go.Task;
            await body.WriteAsync(RawAnswer.Latin1(last));
        });
        server.Map("PUT", "/", exchange =>
        {
            version = "2";
            return exchange.RespondAsync(204);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Cache = new HttpCache() });
        using (var before = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop))
        {
            if (removed)
                client.Options.Cache!.Remove(server.Url);
            (await client.PutAsync(server.Url.ToString(), RequestBody.Text("v2"), cancellationToken: Stop)).Dispose();
            go.SetResult();
            await before.BufferAsync(Stop);
            Assert.Equal("v1", before.Text);
        }
        foreach (var expected in new[] { CacheOutcome.Miss, CacheOutcome.Hit })
        {
            using var after = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
            Assert.Equal(("v2", expected), (after.Text, after.Cache));
        }
    }
}
