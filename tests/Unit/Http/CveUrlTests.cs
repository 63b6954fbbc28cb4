using System.Collections.Concurrent;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>URLs that two readers understand differently, and URLs that leave the base they are resolved against.</summary>
public class CveUrlTests
{
    [Theory]
    [InlineData("http://127.0.0.2:1/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("//127.0.0.2/")]
    [InlineData("//evil.test")]
    [InlineData("\\\\evil.test\\")]
    [InlineData("http:evil.test")]
    [InlineData("http://user@evil.test/")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("unix:/run/x.sock")]
    [Trait("Cve", "15")]
    public async Task Url_that_leaves_the_base_is_refused(string url)
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/{**rest}", exchange => exchange.RespondAsync(200, "ok"));
        using var client = new HTTPClient(RawAnswer.Options with { BaseUrl = server.Url + "api/" });
        try
        {
            // What is read as a path of the base is no danger; whatever is read as another place must throw.
            using var response = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(server.Url.Authority, response.Url.Authority);
            Assert.Equal(server.Url.Authority, server.Requests[0].Headers["Host"]);
            Assert.DoesNotContain("//", url);
        }
        catch (ArgumentException)
        {
            Assert.Equal(0, server.ConnectionCount);
        }
    }

    [Theory]
    [InlineData("x", "/api/x")]
    [InlineData("/x", "/x")]
    [InlineData("../x", "/x")]
    [InlineData("../../../x", "/x")]
    [InlineData("?q=1", "/api/?q=1")]
    [InlineData("", "/api/")]
    [InlineData("a:b/c", null)]
    [InlineData("./a:b", "/api/a:b")]
    [Trait("Cve", "15")]
    public async Task Relative_url_is_resolved_against_the_base(string url, string? target)
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/{**rest}", exchange => exchange.RespondAsync(200, "ok"));
        using var client = new HTTPClient(RawAnswer.Options with { BaseUrl = server.Url + "api/" });
        if (target is null)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken));
            return;
        }
        using var response = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(target, server.Requests[0].Target);
    }

    [Fact]
    [Trait("Cve", "15")]
    public async Task Absolute_url_of_another_origin_is_sent_where_that_is_allowed()
    {
        await using var home = LoopbackServer.Start();
        await using var other = LoopbackServer.Start();
        other.MapStatic("GET", "/", "other"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with { BaseUrl = home.Url.ToString(), AllowOtherOrigins = true });
        using var response = await client.GetAsync(other.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("other", response.Text);
    }

    [Theory]
    [InlineData("http://127.0.0.1%2fevil.test/")]
    [InlineData("http://127.0.0.1%00.evil.test/")]
    [InlineData("http://127.0.0.1\\@evil.test/")]
    [InlineData("http://evil.test\\.127.0.0.1/")]
    [InlineData("http://evil.test%5c.127.0.0.1/")]
    [InlineData("http://%65vil.test/")]
    [InlineData("http://evil.test%252f/")]
    [InlineData("http://[::1]evil.test/")]
    [InlineData("http://evil.test:80:81/")]
    [InlineData("http://evil.test:65536/")]
    [InlineData("http://evil.test:-1/")]
    [InlineData("http://evil.test:0x50/")]
    [InlineData("http:///evil.test/")]
    [InlineData("http://")]
    [InlineData("http:/")]
    [InlineData("://evil.test/")]
    [InlineData("evil.test")]
    [InlineData("/evil")]
    [InlineData("http://a@b@c.test/")]
    [InlineData("http://evil..test/")]
    [InlineData("http://.evil.test/")]
    [InlineData("http://a\u200db.test/")]
    [Trait("Cve", "16")]
    public async Task Url_with_a_host_that_readers_disagree_on_is_refused_or_fails_without_a_connection(string url)
    {
        var dialled = new ConcurrentQueue<Endpoint>();
        using var client = Dialling(dialled);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(error is ArgumentException or DNSResolutionException or PolicyException || dialled.IsEmpty, $"{error} {string.Join(' ', dialled)}");
        Assert.Empty(dialled);
    }

    [Theory]
    [InlineData("http://a.test#@b.test/", "a.test")]
    [InlineData("http://a.test?@b.test/", "a.test")]
    [InlineData("http://a.test/@b.test/", "a.test")]
    [InlineData("http://a.test@b.test/", "b.test")]
    [InlineData("http://a.test:80@b.test/", "b.test")]
    [InlineData("http://A.TEST/", "a.test")]
    [InlineData("http://a.test./", "a.test")]
    [InlineData("http://b\u00fccher.test/", "xn--bcher-kva.test")]
    [InlineData("http://\uff41.test/", "a.test")]
    [InlineData("http://fa\u00df.test/", "xn--fa-hia.test")]
    [InlineData("http://a\u3002test/", "a.test")]
    [InlineData("http://0x7f.1/", "127.0.0.1")]
    [InlineData("http://2130706433/", "127.0.0.1")]
    [InlineData("http://017700000001/", "127.0.0.1")]
    [InlineData("http://127.1/", "127.0.0.1")]
    [Trait("Cve", "16")]
    public async Task Host_that_is_checked_is_the_host_that_is_connected_and_the_one_in_the_request(string url, string host)
    {
        var dialled = new ConcurrentQueue<Endpoint>();
        using var client = Dialling(dialled);
        using var response = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(host, Assert.Single(dialled).Host);
        Assert.Equal(host, response.Url.IdnHost);
        Assert.Equal(host, response.Text);
    }

    /// <summary>A client whose connections lead nowhere but to an answer that repeats the Host field; remembers whom it was asked to dial.</summary>
    private static HTTPClient Dialling(ConcurrentQueue<Endpoint> dialled) => new(RawAnswer.Options with
    {
        Transport = new TransportOptions
        {
            DialOver = (endpoint, _) =>
            {
                dialled.Enqueue(endpoint);
                return new ValueTask<Stream>(new EchoHostStream());
            },
        },
    });
}
