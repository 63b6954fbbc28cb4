using System.Text.Unicode;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>What the payload of a close frame may say (RFC 6455, sections 5.5.1 and 7.4).</summary>
internal static class CloseCodes
{
    /// <summary>The codes defined for the wire so far, and those for libraries and applications.</summary>
    public static bool IsAllowed(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    /// <summary>What is wrong with a payload, and the code to answer with; null for nothing.</summary>
    public static (int Code, string Text)? Problem(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return null;
        if (payload.Length == 1)
            return (1002, "A close frame has half a code.");
        var code = (payload[0] << 8) | payload[1];
        if (!IsAllowed(code))
            return (1002, $"A close frame has the code {code}.");
        return Utf8.IsValid(payload[2..]) ? null : (1007, "The reason in a close frame is no UTF-8.");
    }
}
