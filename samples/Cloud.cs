using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Samples;

/// <summary>Calling a service: a session with a base, a credential, retries within one deadline, and typed JSON.</summary>
public static partial class Cloud
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: session
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            BaseUrl = server.ToString(),
            Credential = Credential.Bearer("token123"),
            Retry = RetryOptions.Default with { Retries = 3, BaseDelay = TimeSpan.FromMilliseconds(10) },
            Timeouts = Timeouts.Default with { Total = TimeSpan.FromSeconds(10) },
        });

        using var response = await client.GetAsync("flaky/cloud/2", cancellationToken: ct);
        foreach (var attempt in response.Attempts)
            await output.WriteLineAsync($"{attempt.Address}: {attempt.Status} in {attempt.Elapsed.TotalMilliseconds:0.0} ms");
        // end

        // sample: json
        using var created = await client.PostAsync("post", new Order("bolts", 12), OrdersJson.Default.Order, cancellationToken: ct);
        var order = created.EnsureSuccess().Json(OrdersJson.Default.Echo)!.Json;
        await output.WriteLineAsync($"ordered {order.Amount} {order.Item}");
        // end

        // sample: status
        try
        {
            (await client.GetAsync("status/404", cancellationToken: ct)).EnsureSuccess();
        }
        catch (HTTPException error) when (error.Status == 404)
        {
            await output.WriteLineAsync($"{error.Message} {error.Problem?.Detail}");
        }
        // end
    }

    public sealed record Order(string Item, int Amount);

    public sealed record Echo(Order Json);

    [JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Echo))]
    private sealed partial class OrdersJson : JsonSerializerContext;
}
