using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>What a server demands of an opening handshake (RFC 6455, section 4.2.1).</summary>
internal static class HandshakeRules
{
    /// <summary>What is wrong; null for nothing.</summary>
    public static string? Problem(RequestHead head)
    {
        if (head.Method != "GET")
            return "The method is not GET.";
        if (!Lists(head.Headers, "Upgrade", "websocket"))
            return "Upgrade does not name websocket.";
        if (!Lists(head.Headers, "Connection", "Upgrade"))
            return "Connection does not name Upgrade.";
        if (!head.Headers.GetValues("Sec-WebSocket-Version").SequenceEqual(["13"]))
            return "Sec-WebSocket-Version is not 13.";
        var keys = head.Headers.GetValues("Sec-WebSocket-Key");
        var octets = new byte[18];
        return keys.Count == 1 && keys[0].Length == 24 && Convert.TryFromBase64String(keys[0], octets, out var length) && length == 16
            ? null
            : "Sec-WebSocket-Key is not base64 of 16 octets.";
    }

#pragma warning disable CA5350 // RFC 6455, section 1.3, prescribes SHA-1; nothing secret rests on it.
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static bool Lists(LoopbackFields headers, string name, string token) =>
        headers.GetValues(name).Any(value => value.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase));
}
