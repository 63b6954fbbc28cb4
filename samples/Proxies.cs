using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Requests through several proxies, one of which is gone: the next one carries them, and the pool says how each does.</summary>
public static class Proxies
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // The server stands for a proxy: it answers a request in absolute form, as a proxy would.
        var working = $"http://{server.Authority}";
        // sample: pool
        var pool = new ProxyPool([ProxyOptions.Parse("http://127.0.0.1:9"), ProxyOptions.Parse(working)]);
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            Transport = TransportOptions.Default with { Proxies = pool },
            Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(10) },
        });

        using var response = await client.GetAsync("http://site.example/get", new RequestOptions { SessionKey = "alice" }, ct);
        await output.WriteLineAsync($"{response.Status} after {response.Attempts.Count} attempts");
        foreach (var status in pool.GetStatus())
            await output.WriteLineAsync($"{status.Proxy}: {status.State}");
        // end
    }
}
