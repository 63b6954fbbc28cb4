using System.Net;
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
}
