using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>Streams of events from nginx: over both versions of HTTP, compressed, and killed in the middle.</summary>
public sealed class NginxStreamTests : IAsyncLifetime, IDisposable
{
    private static readonly EventStreamOptions Contract = new() { Until = TerminalEvent.Data("[DONE]") };
    private readonly TestCertificateAuthority _authority = new();
    private NginxServer? _server;

    private NginxServer Server => _server!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await NginxServer.StartAsync(_authority);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(HttpVersionChoice.Http11, true)]
    [InlineData(HttpVersionChoice.Http2, true)]
    [InlineData(HttpVersionChoice.Http2, false)]
    public async Task Events_arrive_whole_and_in_order(HttpVersionChoice version, bool isCompressed)
    {
        string? coding = null;
        using var client = new HTTPClient(Calls.Trusting(_authority.Root) with { Version = version, Decompress = isCompressed });
        var options = Contract with { Opened = response => coding = response.Headers["Content-Encoding"] };
        var events = new List<ServerSentEvent>();
        await foreach (var item in client.EventsAsync(new Request("GET", Server.Tls13 + "events"), options, Stop))
            events.Add(item);
        Assert.Equal(isCompressed ? "gzip" : null, coding);
        Assert.Equal(Enumerable.Range(1, NginxServer.Events).Select(id => (string?)$"{id}").Append(null), events.Select(item => item.Id));
        Assert.All(events.SkipLast(1), item => Assert.Equal("tick", item.Type));
    }

    [Theory]
    [InlineData(HttpVersionChoice.Http11)]
    [InlineData(HttpVersionChoice.Http2)]
    public async Task Server_killed_in_the_middle_leaves_the_partial_and_the_last_id(HttpVersionChoice version)
    {
        using var client = new HTTPClient(Calls.Trusting(_authority.Root) with { Version = version });
        var events = new List<ServerSentEvent>();
        var error = await Assert.ThrowsAsync<StreamTruncatedException>(async () =>
        {
            await foreach (var item in client.EventsAsync(new Request("GET", Server.Tls13 + "slow-events"), Contract, Stop))
            {
                events.Add(item);
                if (events.Count == 3)
                    Server.Kill();
            }
        });
        Assert.InRange(events.Count, 3, NginxServer.Events - 1);
        Assert.Equal((ErrorCodes.HttpStreamTruncated, events.Count, events[^1].Id, true), (error.Code, (int)error.Items, error.LastEventId, error.CanResume));
        Assert.IsAssignableFrom<NetworkException>(error.InnerException);
    }
}
