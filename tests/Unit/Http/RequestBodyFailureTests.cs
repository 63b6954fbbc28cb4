using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A body that fails by itself is nobody else's fault, and would only fail again.</summary>
public class RequestBodyFailureTests
{
    private static readonly HTTPClientOptions Eager = RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("io", false)]
    [InlineData("state", false)]
    [InlineData("disposed", false)]
    [InlineData("io", true)]
    [InlineData("state", true)]
    public async Task Body_that_throws_is_a_local_failure_and_is_not_sent_again(string kind, bool overHttp2)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var peer = Http2Peer.Start(peer => peer.ReadUntilAsync(Http2Peer.Ping));
        using var client = new HTTPClient(Eager with { Version = overHttp2 ? HttpVersionChoice.Http2 : HttpVersionChoice.Http11 });
        var body = new FailingBody(kind switch
        {
            "io" => new IOException("my disk is full"),
            "state" => new InvalidOperationException("my disk is full"),
            _ => new ObjectDisposedException("my disk is full"),
        });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.PutAsync(overHttp2 ? peer.Url.ToString() : server.Url + "put", body, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.LocalIo, NetworkPhase.Send, false, 1), (error.Code, error.Phase, error.IsTransient, body.Calls));
        Assert.Contains("my disk is full", error.Message);
    }

    [Fact]
    public async Task Source_that_is_disposed_already_is_a_local_failure()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager);
        var source = new MemoryStream(new byte[3]);
        await source.DisposeAsync();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.PutAsync(server.Url + "put", RequestBody.OneShot(source), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.LocalIo, false), (error.Code, error.IsTransient));
    }

    [Fact]
    public async Task Failing_network_under_a_body_is_still_the_networks_failure()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            peer.Reset();
        });
        using var client = new HTTPClient(RawAnswer.Options);
        var body = RequestBody.Stream(_ => new(new MemoryStream(new byte[50_000_000])));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.PutAsync(server.Url.ToString(), body, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.TcpReset, true), (error.Code, error.IsTransient));
    }

    private sealed class FailingBody(Exception error) : RequestBody
    {
        public int Calls { get; private set; }

        public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
        {
            Calls++;
            return ValueTask.FromException(error);
        }
    }
}
