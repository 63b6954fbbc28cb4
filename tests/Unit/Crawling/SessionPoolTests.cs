using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Visitors that make room for others: a retired one ends with its last request, however many there were.</summary>
public class SessionPoolTests
{
    private static HTTPClient Client()
    {
        var transport = new MockTransport();
        transport.When("GET", "*").Reply(200);
        return new HTTPClient(new HTTPClientOptions { MessageHandler = transport });
    }

    [Fact]
    public async Task A_retired_session_ends_with_its_last_request_and_is_not_kept()
    {
        await using var client = Client();
        await using var pool = new SessionPool(client, new SessionOptions { Count = 1, MaxUses = 1 }, new Counters());
        var (retired, kept) = await UseAsync(pool);
        for (var i = 0; i < 100; i++)
            pool.Leave(pool.Take());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Equal(0, retired.Count(session => session.TryGetTarget(out _)));
        // Its request is still to be sent.
        using (var response = await kept.Client.GetAsync("http://site.test/", cancellationToken: Site.Cancel))
            Assert.Equal(200, response.Status);
        pool.Leave(kept);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => kept.Client.GetAsync("http://site.test/", cancellationToken: Site.Cancel));
    }

    // In a method of its own, so that nothing of it is left on the stack.
    private static async Task<(List<WeakReference<HTTPClient>> Retired, CrawlSession Kept)> UseAsync(SessionPool pool)
    {
        var retired = new List<WeakReference<HTTPClient>>();
        var kept = pool.Take();
        for (var i = 0; i < 20; i++)
        {
            var session = pool.Take();
            using var response = await session.Client.GetAsync("http://site.test/", cancellationToken: Site.Cancel);
            retired.Add(new WeakReference<HTTPClient>(session.Client));
            pool.Leave(session);
        }
        return (retired, kept);
    }
}
