using System.Text.Json;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes messages and the close as the command line's contract lays them down.</summary>
internal static class WsDocument
{
    public static void Write(Utf8JsonWriter writer, in WebSocketMessage message, TimeSpan? roundTrip)
    {
        writer.WriteString("type", message.IsText ? "text" : "binary");
        if (message.IsText)
            writer.WriteString("data", message.Bytes.Span);
        else
            writer.WriteBase64String("data", message.Bytes.Span);
        writer.WriteNumber("bytes", message.Length);
        writer.WriteMs("rttMs", roundTrip);
    }

    public static void WriteClose(Utf8JsonWriter writer, WebSocketClose close, TimeSpan? roundTrip)
    {
        writer.WriteString("type", "close");
        writer.WriteNumber("code", (int)close.Code);
        writer.WriteString("reason", close.Reason);
        writer.WriteBoolean("byServer", close.ByPeer);
        writer.WriteString("data", "");
        writer.WriteNumber("bytes", 0);
        writer.WriteMs("rttMs", roundTrip);
    }
}
