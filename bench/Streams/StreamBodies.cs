using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>Bodies of about 512 KiB, as services send them.</summary>
internal static class StreamBodies
{
    private const int Size = 512 * 1024;

    /// <summary>Pieces of a chat, one line of JSON each.</summary>
    public static byte[] Chat { get; } = Repeat(i =>
        $$$"""data: {"id":"chatcmpl-{{{i:x8}}}","object":"chat.completion.chunk","created":1764000000,"model":"some-model-2026","choices":[{"index":0,"delta":{"content":" word{{{i}}}"},"finish_reason":null}]}""" + "\n\n");

    /// <summary>Pieces of a chat with a type each.</summary>
    public static byte[] Typed { get; } = Repeat(i =>
        "event: content_block_delta\n" + $$$"""data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word{{{i}}}"}}""" + "\n\n");

    /// <summary>Small events with everything that an event can have.</summary>
    public static byte[] Full { get; } = Repeat(i => $"id: {i}\r\nevent: update\r\ndata: {{\"id\":{i}}}\r\n\r\n");

    /// <summary>Events of several lines, with pings between them.</summary>
    public static byte[] Lines { get; } = Repeat(i => $":ping\n\ndata: first line of {i}\ndata: second, with ü and €\ndata: third\n\n");

    /// <summary>The least event.</summary>
    public static byte[] Small { get; } = Repeat(i => "data: hello\n\n");

    public static byte[] Rows { get; } = Repeat(i => Row(i) + "\n");

    public static byte[] Array { get; } = Encoding.UTF8.GetBytes("[" + Encoding.UTF8.GetString(Rows).TrimEnd().Replace('\n', ',') + "]");

    private static string Row(int i) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{i},\"name\":\"item {i}\",\"price\":{i * 7 % 1000}.25,\"tags\":[\"a\",\"b\"],\"stock\":{(i % 3 == 0 ? "true" : "false")}}}");

    private static byte[] Repeat(Func<int, string> item)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < Size; i++)
            text.Append(item(i));
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
