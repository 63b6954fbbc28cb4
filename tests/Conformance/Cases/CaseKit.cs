using Codomyrmex.Networking.Tests.Conformance.Steps;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>The ends that most cases have in common.</summary>
internal static class CaseKit
{
    /// <summary>The client does as it should, then the server closes and sees its own code come back.</summary>
    public static ConformanceCase Works(string id, string title, params IReadOnlyList<IStep> steps) =>
        new(id, title, ClientEnd.Clean, [.. steps, new Send(Wire.Close(1000)), new SeesClose(1000)]);

    /// <summary>The client fails the connection with a close code, and tells its caller.</summary>
    public static ConformanceCase Fails(string id, string title, int code, params IReadOnlyList<IStep> steps) =>
        new(id, title, ClientEnd.Failed, [.. steps, new SeesClose(code)]);

    /// <summary>A text and its echo: the connection works so far.</summary>
    public static IStep[] Greeting { get; } = [new Send(Wire.Frame(Wire.Text, "hello"u8)), new SeesMessage(true, "hello"u8.ToArray())];

    /// <summary>A ping and nothing but its pong: what came before caused no reaction.</summary>
    public static IStep[] NoReaction { get; } = Pinged("still there?");

    public static IStep[] Pinged(string payload) => [new Send(Wire.Ping(payload)), new SeesFrame(Testing.WebSocketOpcode.Pong, Wire.Utf8(payload))];

    public static string KindOf(bool isText) => isText ? "text" : "binary";

    public static int OpcodeOf(bool isText) => isText ? Wire.Text : Wire.Binary;

    /// <summary>A message in one frame.</summary>
    public static byte[] Whole(bool isText, ReadOnlySpan<byte> bytes) => Wire.Frame(OpcodeOf(isText), bytes);

    /// <summary>A message in frames of so many bytes.</summary>
    public static byte[] Fragmented(bool isText, ReadOnlySpan<byte> bytes, int size)
    {
        using var all = new MemoryStream();
        for (var at = 0; at == 0 || at < bytes.Length; at += size)
        {
            var part = bytes.Slice(at, Math.Min(size, bytes.Length - at));
            all.Write(Wire.Head(at == 0 ? OpcodeOf(isText) : Wire.Continuation, part.Length, at + size >= bytes.Length));
            all.Write(part);
        }
        return all.ToArray();
    }
}
