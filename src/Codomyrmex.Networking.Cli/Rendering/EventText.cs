using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows a server-sent event: its data, after its type and identifier where it has any. Further lines of data are indented.</summary>
internal static class EventText
{
    public static void Write(TextOutput output, in ServerSentEvent item)
    {
        if (item.Type != "message" || item.Id is not null)
            output.Write("[").Write(item.Type, Style.Blue).Write(item.Id is null ? "" : " " + item.Id, Style.Dim).Write("] ");
        var lines = item.Data.Split('\n');
        output.Line(lines[0]);
        foreach (var line in lines.AsSpan(1))
            output.Line("  " + line);
        output.Flush();
    }
}
