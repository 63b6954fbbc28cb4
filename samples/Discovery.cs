using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>Finding an agent by its signed card, and knowing a webhook's sender.</summary>
public static class Discovery
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        await using var agent = PublishCard();
        await using var client = HTTPClient.Create();
        // sample: card
        var card = await AgentCards.FetchAsync($"{agent.Url}", new AgentCardOptions { Client = client }, ct);
        await output.WriteLineAsync($"{card.Name}, signed by {card.SignedBy}: {card.Interfaces[0].Binding} at {card.Interfaces[0].Url}");
        // end
        // sample: denied
        try
        {
            await AgentCards.FetchAsync("http://169.254.169.254", cancellationToken: ct);
        }
        catch (PolicyException denied)
        {
            await output.WriteLineAsync($"{denied.Code}: {denied.Rule}");
        }
        // end

        var (headers, body) = (new HeaderMap { ["webhook-id"] = "msg_1", ["webhook-timestamp"] = "1614265330", ["webhook-signature"] = "v1,AAAA" }, "{}"u8.ToArray());
        // sample: webhook
        var sender = new WebhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        try
        {
            var id = sender.Verify(headers, body);
            await output.WriteLineAsync($"{id} is theirs: do what it asks, once");
        }
        catch (NetworkException forged)
        {
            await output.WriteLineAsync($"{forged.Code}: answer 400 and do nothing");
        }
        // end
    }

    private static LoopbackServer PublishCard()
    {
        var (key, server) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), LoopbackServer.Start());
        const string Card = """{"name":"Planner","skills":[],"supportedInterfaces":[{"protocolBinding":"JSONRPC","url":"https://planner.example/a2a"}]""";
        var head = Encode($$"""{"alg":"ES256","kid":"2026","jku":"{{server.Url}}keys"}""");
        var signature = Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes($"{head}.{Encode(Card + "}")}"), HashAlgorithmName.SHA256));
        var point = key.ExportParameters(false).Q;
        return server.Map("GET", AgentCards.WellKnownPath, e => e.RespondAsync(200, $$"""{{Card}},"signatures":[{"protected":"{{head}}","signature":"{{signature}}"}]}"""))
            .Map("GET", "/keys", e => e.RespondAsync(200, $$"""{"keys":[{"kty":"EC","kid":"2026","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}"""));
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
