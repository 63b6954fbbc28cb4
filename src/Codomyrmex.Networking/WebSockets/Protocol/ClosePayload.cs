using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>The payload of a close frame (RFC 6455, sections 5.5.1 and 7.4).</summary>
internal static class ClosePayload
{
    /// <summary>The longest reason, in bytes of UTF-8.</summary>
    public const int MaxReason = FrameHeader.MaxControlPayload - 2;

    /// <summary>Reads it.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public static ProtocolFault? Read(ReadOnlySpan<byte> payload, out WebSocketCloseCode code, out string reason)
    {
        (code, reason) = (WebSocketCloseCode.NoStatus, "");
        if (payload.IsEmpty)
            return null;
        if (payload.Length == 1)
            return new(WebSocketCloseCode.ProtocolError, "closed with half a code");
        code = (WebSocketCloseCode)BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!MayBeSent(code))
            return new(WebSocketCloseCode.ProtocolError, $"closed with the code {(int)code}, which is never sent");
        if (!Utf8.IsValid(payload[2..]))
            return new(WebSocketCloseCode.InvalidData, "closed with a reason that is not UTF-8");
        reason = Encoding.UTF8.GetString(payload[2..]);
        return null;
    }

    /// <summary>Writes one; returns its length. A reason that is too long is cut between two characters.</summary>
    public static int Write(Span<byte> target, WebSocketCloseCode code, string reason)
    {
        if (code == WebSocketCloseCode.NoStatus)
            return 0;
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)code);
        Utf8.FromUtf16(reason, target.Slice(2, MaxReason), out _, out var written, replaceInvalidSequences: true);
        return 2 + written;
    }

    /// <summary>Whether a code may stand in a close frame: those that RFC 6455 and the registry define, and the ranges for libraries and applications.</summary>
    public static bool MayBeSent(WebSocketCloseCode code) => (int)code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
