using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What reads messages of JSON-RPC.</summary>
internal static class RpcTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("rpc-message", static input => Read(input)) { Words = ["{\"jsonrpc\":\"2.0\",", "\"id\":", "\"method\":", "\"params\":", "\"result\":", "\"error\":{\"code\":1,\"message\":\"x\"}", "null", "\\ud800", "}", "\"timeoutMs\":", "\"window\":", "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"", "$/item", "$/credit", "\"item\":", "\"bytes\":"] },
        new("rpc-upgrade", Upgrade) { Words = ["GET / HTTP/1.1\r\n", "Host: x\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Origin: https://x\r\n", "\r\n\r\n"] },
        new("agent-card", Card) { Words = ["\"signatures\":[", "\"protected\":\"", "\"signature\":\"", "\"skills\":[]", "1e21", "\\ud83d\\ude00", "{}", "[]", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ"] },
        new("json-web-keys", Keys) { Words = ["\"keys\":[", "\"kty\":\"EC\"", "\"kty\":\"RSA\"", "\"crv\":\"P-256\"", "\"kid\":\"k\"", "\"x\":\"", "\"n\":\"AQAB\"", "\"e\":\"AQAB\""] },
        new("rpc-head", Head) { Words = ["Content-Length: ", "Content-Type: ", "\r\n", "\r\n\r\n", "9223372036854775807", "-1"] },
    ];

    private static void Read(byte[] input)
    {
        var message = Envelope.Read(input);
        Promise.Keep(message.Method is not null || message.Error is not null || message.Result.ValueKind != JsonValueKind.Undefined, "a message is a call or an answer");
        if (message.Method == StreamMessages.Item)
            Promise.Keep(StreamMessages.LengthOf(StreamMessages.ReadItem(message.Parameters).Item) > 0, "an item has a length");
        if (message.Method == StreamMessages.Credit)
            Promise.Keep(StreamMessages.ReadCredit(message.Parameters).Bytes >= 0, "a credit is none below zero");
        Promise.Keep(Envelope.Read(EnvelopeWriter.Error(message.Id, 1, "x").Span).Error?.Code == 1, "whatever id comes, its answer is one");
    }

    private static void Card(byte[] input)
    {
        JsonElement card;
        try
        {
            card = JsonElement.Parse(input);
        }
        catch (JsonException)
        {
            return;
        }
        var canonical = CanonicalJson.Write(card);
        Promise.Keep(CanonicalJson.Write(JsonElement.Parse(canonical)).AsSpan().SequenceEqual(canonical), "the canonical form of the canonical form is itself");
        if (card.ValueKind == JsonValueKind.Object)
            Promise.Keep(CardSignature.ReadAll(card).Count <= 8 && CardSignature.Payloads(card).Count() == 2, "a card has a bounded number of signatures and two payloads");
    }

    private static void Keys(byte[] input)
    {
        foreach (var key in JsonWebKey.ReadSet(input))
            Promise.Keep(!key.Verifies("none", input, []) && !key.Verifies("ES256", input, new byte[64]) && !key.Verifies("RS256", input, new byte[256]), "no key vouches for nothing");
    }

    private static void Upgrade(byte[] input)
    {
        var length = UpgradeRequest.LengthOfHead(input);
        if (length == 0)
            return;
        var request = UpgradeRequest.Read(input.AsSpan(0, length));
        Promise.Keep(Convert.FromBase64String(request.Key).Length == 16 && request.Target.StartsWith('/'), "a request has a key and a path");
        Promise.Keep(!request.Target.Any(char.IsWhiteSpace) && request.Origin?.AsSpan().ContainsAny('\r', '\n', '\0') != true, "nothing of a request breaks a line");
    }

    private static void Head(byte[] input)
    {
        var length = MessageHead.Length(input);
        if (length > 0)
            Promise.Keep(MessageHead.ContentLength(input.AsSpan(0, length)) >= 0, "a length is none below zero");
    }
}
