using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A disposed client sends nothing more and leaves nothing open.</summary>
public class ClientDisposalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_that_waits_to_be_repeated_ends_with_its_client_and_sends_nothing_more()
    {
        var clock = new FakeTimeProvider();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new MockTransport();
        server.When("GET", "*").Reply(503).Reply(200);
        var client = new HTTPClient(RawAnswer.Options with
        {
            MessageHandler = server,
            Clock = clock,
            Retry = new RetryOptions
            {
                BaseDelay = TimeSpan.FromSeconds(1),
                Jitter = () =>
                {
                    waits.TrySetResult();
                    return 1;
                },
            },
        });
        var call = client.GetAsync("http://service.test/", cancellationToken: Stop);
        await waits.Task;
        client.Dispose();
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        Assert.Single(server.Calls);
    }

    // More than the pool keeps: those it dropped must be closed too.
    [Fact]
    public async Task Client_that_had_very_many_transports_leaves_no_connection_open()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "x"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 600; i++)
        {
            var transport = new TransportOptions { ConnectionAttemptDelay = TimeSpan.FromMilliseconds(300 + i) };
            (await client.GetAsync(server.Url.ToString(), new RequestOptions { Transport = transport }, Stop)).Dispose();
        }
        Assert.Equal(600, client.GetPoolStatistics().ConnectionsOpened);
        client.Dispose();
        Assert.Equal((0, 600L), (client.GetPoolStatistics().OpenConnections, client.GetPoolStatistics().ConnectionsClosed));
    }
}
