using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What has been answered with a redirect has been sent, whatever becomes of the next hop.</summary>
public class RedirectAndRetryTests
{
    private static readonly HTTPClientOptions Eager = RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static LoopbackServer RedirectingTo(string location, int status)
    {
        var server = LoopbackServer.Start();
        return server.Map("POST", "/pay", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.RespondAsync(status, "", headers: [new("Location", location)]);
        });
    }

    [Theory]
    [InlineData(303)]
    [InlineData(307)]
    public async Task Post_whose_redirect_leads_to_a_refused_connection_was_sent_and_is_not_repeated(int status)
    {
        await using var server = RedirectingTo("http://127.0.0.1:9/receipt", status);
        using var client = new HTTPClient(Eager);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.PostAsync(server.Url + "pay", RequestBody.Text("1"), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Yes), (error.Code, error.WasSent));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Post_whose_redirect_the_policy_denies_was_sent()
    {
        await using var server = RedirectingTo("http://127.0.0.1:9/receipt", 303);
        using var client = new HTTPClient(Eager with { Transport = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly.Allowing($"127.0.0.1:{server.Port}") } });
        var error = await Assert.ThrowsAsync<PolicyException>(() => client.PostAsync(server.Url + "pay", RequestBody.Text("1"), cancellationToken: Stop));
        Assert.Equal(WasSent.Yes, error.WasSent);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Post_is_not_repeated_for_what_the_next_hop_answers()
    {
        await using var server = RedirectingTo("/receipt", 303);
        server.MapStatic("GET", "/receipt", default, status: 503);
        using var client = new HTTPClient(Eager);
        using var response = await client.PostAsync(server.Url + "pay", RequestBody.Text("1"), cancellationToken: Stop);
        Assert.Equal(503, response.Status);
        Assert.Equal(["POST /pay", "GET /receipt"], server.Requests.Select(request => request.ToString()));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task One_shot_body_that_has_begun_is_not_sent_again_after_a_redirect(string method)
    {
        await using var server = RedirectingTo("http://127.0.0.1:9/receipt", 303);
        server.Map("PUT", "/pay", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.RespondAsync(303, "", headers: [new("Location", "http://127.0.0.1:9/receipt")]);
        });
        using var client = new HTTPClient(Eager);
        using var source = new MemoryStream(new byte[10]);
        var request = new Request(method, server.Url + "pay") { Body = RequestBody.OneShot(source) };
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.SendAsync(request, Stop));
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Yes), (error.Code, error.WasSent));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task One_shot_body_that_has_begun_is_not_sent_again_even_where_its_stream_was_refused()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                await peer.ReadUntilAsync(Http2Peer.Data);
                await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 7]);
            }
        });
        using var client = new HTTPClient(Eager with { Version = HttpVersionChoice.Http2 });
        var body = new OnceBody();
        await Assert.ThrowsAnyAsync<NetworkException>(() => client.PostAsync(server.Url.ToString(), body, cancellationToken: Stop));
        Assert.Equal(1, body.Calls);
    }

    private sealed class OnceBody : RequestBody
    {
        public int Calls { get; private set; }

        public override bool IsReplayable => false;

        public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
        {
            Calls++;
            return destination.WriteAsync(new byte[10], cancellationToken);
        }
    }
}
