using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>JSON-RPC over HTTP, as the Model Context Protocol and A2A speak it.</summary>
public static partial class RpcHttp
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var methods = new RpcMethods().Add("weather", Json.Default.Place, Json.Default.String, (place, _) => Task.FromResult($"sunny in {place!.Name}"));
        await using var agent = LoopbackServer.Start().Map("POST", "/rpc", async exchange =>
        {
            var answer = await methods.AnswerAsync(await exchange.ReadBodyAsync(cancellationToken: ct), RpcPeer.Unknown, cancellationToken: exchange.Aborted);
            await exchange.RespondAsync(200, answer!.Value, "application/json", cancellationToken: ct);
        });

        // sample: call
        await using var client = new HTTPClient(new HTTPClientOptions { BaseUrl = agent.Url.ToString() });
        var rpc = new RpcHttpClient(client, "rpc", new RpcHttpOptions { Notified = (method, told) => output.WriteLine($"{method}: {told}") });
        var weather = await rpc.CallAsync("weather", new Place("Bern"), Json.Default.Place, Json.Default.String, cancellationToken: ct);
        await output.WriteLineAsync(weather);
        // end
    }

    internal sealed record Place(string Name);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Place)), JsonSerializable(typeof(string))]
    internal sealed partial class Json : JsonSerializerContext;
}
