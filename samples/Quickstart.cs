using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>The first five minutes with HTTP.</summary>
public static class Quickstart
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: http
        await using var client = HTTPClient.Create();

        Response response = await client.GetAsync($"{server}json", cancellationToken: ct);
        await output.WriteLineAsync($"{response.Status}: {response.Json()}");

        response = await client.PostAsync($"{server}post", json: new { key = "value" }, cancellationToken: ct);
        await output.WriteLineAsync($"sent {response.Json().GetProperty("json")}");

        client.SetHeaders(new() { ["Authorization"] = "Bearer token123" });
        response = await client.GetAsync($"{server}bearer", cancellationToken: ct);
        await output.WriteLineAsync($"{response.EnsureSuccess().Status} from {response.RemoteAddress} in {response.Timings.Total.TotalMilliseconds:0.0} ms");
        // end
    }
}
