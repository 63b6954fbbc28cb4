using System.Text.Json;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes a server-sent event as the command line's contract lays it down.</summary>
internal static class EventDocument
{
    public static void Write(Utf8JsonWriter writer, in ServerSentEvent item)
    {
        writer.WriteString("event", item.Type);
        writer.WriteString("id", item.Id);
        writer.WriteString("data", item.Data);
    }
}
