using System.Net;
using System.Net.Security;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Which connection carried a request: the platform does not say, the connection does.</summary>
public class WhichConnectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool, bool> Kinds => new()
    {
        { "GET", true, false }, { "GET", false, false }, { "DELETE", true, false }, { "POST", true, false }, { "POST", true, true }, { "POST", false, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Connection_is_known_with_fields_and_without_and_with_every_body(string method, bool hasFields, bool hasSlowBody)
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("*", "/", "here"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with { UserAgent = hasFields ? "test" : null, Decompress = hasFields });
        for (var round = 0; round < 2; round++)
        {
            var body = hasSlowBody ? RequestBody.Stream(async stop => { await Task.Yield(); return new MemoryStream(new byte[100_000]); }) : null;
            using var response = await client.SendAsync(new Request(method, server.Url.ToString()) { Body = body }, Stop);
            Assert.Equal((200, new IPEndPoint(IPAddress.Loopback, server.Port), round == 1), (response.Status, response.RemoteAddress, response.IsReused));
        }
    }

    [Fact]
    public async Task Requests_that_waited_for_the_one_connection_know_it_and_that_it_was_used_before()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("*", "/", "here"u8.ToArray());
        var pool = new PoolOptions { MaxConnectionsPerHost = 1 };
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Pool = pool } });
        var responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 3 == 0
            ? client.PostAsync(server.Url.ToString(), RequestBody.Text("text"), cancellationToken: Stop)
            : client.GetAsync(server.Url.ToString(), cancellationToken: Stop)));
        Assert.All(responses, response => Assert.Equal((200, new IPEndPoint(IPAddress.Loopback, server.Port)), (response.Status, response.RemoteAddress)));
        Assert.Single(responses, response => !response.IsReused);
    }

    [Fact]
    public async Task Requests_to_two_servers_at_once_are_not_taken_for_each_others()
    {
        await using var one = LoopbackServer.Start();
        await using var other = LoopbackServer.Start();
        one.MapStatic("*", "/", "one"u8.ToArray());
        other.MapStatic("*", "/", "other"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Stop }, async (i, stop) =>
        {
            var server = i % 2 == 0 ? one : other;
            using var response = i % 5 == 0
                ? await client.PostAsync(server.Url.ToString(), RequestBody.Text("text"), cancellationToken: stop)
                : await client.GetAsync(server.Url.ToString(), cancellationToken: stop);
            Assert.Equal((i % 2 == 0 ? "one" : "other", server.Port), (response.Text, ((IPEndPoint)response.RemoteAddress!).Port));
        });
    }

    [Fact]
    public async Task Call_over_http_1_beside_an_open_http2_connection_knows_its_own()
    {
        using var authority = new TestCertificateAuthority();
        using var certificate = authority.Issue();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await using var tls = new SslStream(peer.Stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            }, stop);
            if (tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
                await AnswerOverHttp2Async(tls, stop);
            var request = new byte[4096];
            while (await tls.ReadAsync(request, stop) > 0)
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } } });
        foreach (var (version, isReused) in new[] { (2, false), (1, false), (2, true), (1, true) })
        {
            var options = new RequestOptions { Version = version == 2 ? HttpVersionChoice.Negotiate : HttpVersionChoice.Http11 };
            using var response = await client.GetAsync(server.Url.AbsoluteUri.Replace("http:", "https:", StringComparison.Ordinal), options, Stop);
            Assert.Equal((version, isReused, new IPEndPoint(IPAddress.Loopback, server.Port)), (response.Version.Major, response.IsReused, response.RemoteAddress));
            Assert.StartsWith("TLS", response.Tls?.Protocol, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Equal(2, server.ConnectionCount);
    }

    /// <summary>The least of HTTP/2 (RFC 9113): settings, and 200 to every request.</summary>
    private static async Task AnswerOverHttp2Async(SslStream tls, CancellationToken stop)
    {
        await tls.ReadExactlyAsync(new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length], stop);
        await tls.WriteAsync(new byte[] { 0, 0, 0, Http2Peer.Settings, 0, 0, 0, 0, 0 }, stop);
        var head = new byte[9];
        while (await tls.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, stop) == head.Length)
        {
            await tls.ReadExactlyAsync(new byte[head[0] << 16 | head[1] << 8 | head[2]], stop);
            if (head[3] == Http2Peer.Settings && head[4] == 0)
                await tls.WriteAsync(new byte[] { 0, 0, 0, Http2Peer.Settings, 1, 0, 0, 0, 0 }, stop);
            if (head[3] == Http2Peer.Headers)
                await tls.WriteAsync((byte[])[0, 0, 1, Http2Peer.Headers, 5, .. head[5..], .. Http2Peer.Status200], stop);
        }
    }
}
