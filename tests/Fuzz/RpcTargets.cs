using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What reads messages of JSON-RPC.</summary>
internal static class RpcTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("rpc-message", static input => Read(input)) { Words = ["{\"jsonrpc\":\"2.0\",", "\"id\":", "\"method\":", "\"params\":", "\"result\":", "\"error\":{\"code\":1,\"message\":\"x\"}", "null", "\\ud800", "}"] },
        new("rpc-head", Head) { Words = ["Content-Length: ", "Content-Type: ", "\r\n", "\r\n\r\n", "9223372036854775807", "-1"] },
    ];

    private static void Read(byte[] input)
    {
        var message = Envelope.Read(input);
        Promise.Keep(message.Method is not null || message.Error is not null || message.Result.ValueKind != System.Text.Json.JsonValueKind.Undefined, "a message is a call or an answer");
        Promise.Keep(Envelope.Read(EnvelopeWriter.Error(message.Id, 1, "x").Span).Error?.Code == 1, "whatever id comes, its answer is one");
    }

    private static void Head(byte[] input)
    {
        var length = MessageHead.Length(input);
        if (length > 0)
            Promise.Keep(MessageHead.ContentLength(input.AsSpan(0, length)) >= 0, "a length is none below zero");
    }
}
