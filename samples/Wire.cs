using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>What goes over the wire, and over which connections: a compressed body, HTTP/2 settings, HTTP/3 where it can be had, the pool's numbers.</summary>
public static class Wire
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        await using var client = HTTPClient.Create();
        // sample: compressed
        var body = RequestBody.Compressed(RequestBody.Text(new string('a', 10_000)), ContentCoding.Gzip);
        using var response = await client.PostAsync($"{server}post", body, cancellationToken: ct);
        await output.WriteLineAsync($"{response.Status}: sent {body.Length} bytes as {body.ContentEncoding}");
        // end
        // sample: statistics
        foreach (var host in client.GetPoolStatistics().Hosts)
            await output.WriteLineAsync($"{host.Host}: {host.OpenConnections} open, {host.IdleConnections} idle, {host.RequestsInFlight} in flight");
        // end
        // sample: http3
        await using var modern = client.With(options => options with
        {
            Version = HttpVersionChoice.PreferHttp3,
            Transport = options.Transport with { Pool = new PoolOptions { Http2 = new Http2Options { MultipleConnections = true } } },
        });
        using var spoken = await modern.GetAsync($"{server}get", cancellationToken: ct);
        await output.WriteLineAsync($"spoken: HTTP/{spoken.Version}");
        // end
    }
}
