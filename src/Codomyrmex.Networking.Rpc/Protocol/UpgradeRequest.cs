using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>The request by which a client opens a WebSocket (RFC 6455, section 4.1), read from its head.</summary>
internal sealed class UpgradeRequest
{
    public const int MaxHead = 8 * 1024;
    private const int KeyBytes = 16;
    private const int KeyText = 24;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private UpgradeRequest(string target, string key, string? origin) => (Target, Key, Origin) = (target, key, origin);

    /// <summary>Path and query.</summary>
    public string Target { get; }

    public string Key { get; }

    /// <summary>The page that asks, where a browser does; null for every other client.</summary>
    public string? Origin { get; }

    /// <summary>What proves that the key was read (section 4.2.2).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 prescribes SHA-1; nothing depends on its strength.")]
    public string Accept => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    /// <summary>Where the head ends, its empty line included; 0 where it is not all there.</summary>
    /// <exception cref="FormatException">It is too long.</exception>
    public static int LengthOfHead(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end >= 0 ? end > MaxHead - 4 : received.Length >= MaxHead)
            throw new FormatException("the head is too long");
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Reads a head.</summary>
    /// <exception cref="FormatException">It is not that of such a request.</exception>
    public static UpgradeRequest Read(ReadOnlySpan<byte> head)
    {
        var lines = head[..^4];
        var first = Line(ref lines);
        var parts = Encoding.Latin1.GetString(first).Split(' ');
        if (parts is not ["GET", ['/', ..] target, "HTTP/1.1"] || target.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FormatException("the request line is not that of a WebSocket");
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (!lines.IsEmpty)
            Add(fields, Line(ref lines));
        if (!fields.ContainsKey("Host") || !HasWord(fields, "Upgrade", "websocket") || !HasWord(fields, "Connection", "upgrade") || fields.GetValueOrDefault("Sec-WebSocket-Version") != "13" ||
            fields.ContainsKey("Content-Length") || fields.ContainsKey("Transfer-Encoding"))
        {
            throw new FormatException("the request does not ask for a WebSocket");
        }
        var key = fields.GetValueOrDefault("Sec-WebSocket-Key") ?? "";
        if (key.Length != KeyText || !Base64.IsValid(key, out var length) || length != KeyBytes)
            throw new FormatException("the key is not 16 bytes in base64");
        return new UpgradeRequest(target, key, fields.GetValueOrDefault("Origin"));
    }

    private static ReadOnlySpan<byte> Line(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = end < 0 ? lines : lines[..end];
        lines = end < 0 ? [] : lines[(end + 2)..];
        return line;
    }

    private static void Add(Dictionary<string, string> fields, ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(NameBytes))
            throw new FormatException("a line of the head is no field");
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (value.ContainsAnyInRange((byte)0, (byte)8) || value.ContainsAnyInRange((byte)10, (byte)31) || value.Contains((byte)0x7f))
            throw new FormatException("a field of the head has control characters");
        var name = Encoding.ASCII.GetString(line[..colon]);
        // Lists may come in pieces; of what decides here, two would be two opinions.
        if (!fields.TryAdd(name, Encoding.Latin1.GetString(value)) && name.ToUpperInvariant() is "HOST" or "ORIGIN" or "SEC-WEBSOCKET-KEY" or "SEC-WEBSOCKET-VERSION" or "UPGRADE" or "CONNECTION")
            throw new FormatException($"the field {name} comes twice");
    }

    private static bool HasWord(Dictionary<string, string> fields, string name, string word) =>
        fields.TryGetValue(name, out var value) && value.Split(',', StringSplitOptions.TrimEntries).Contains(word, StringComparer.OrdinalIgnoreCase);
}
