using System.Text.Json;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows a transfer that is done: as the command line's contract lays it down, and for people.</summary>
internal static class TransferDocument
{
    public static void Write(Utf8JsonWriter writer, TransferResult result)
    {
        writer.WriteNumber("bytes", result.Bytes);
        writer.WriteString("sha256", result.Sha256);
        writer.WriteNumber("resumedFrom", result.ResumedFrom);
        writer.WriteMs("elapsedMs", result.Elapsed);
        writer.WriteString("path", result.Path);
    }

    public static void WriteText(TextOutput output, TransferResult result)
    {
        output.Write(result.Path, Style.Bold).Write($": {SizeText.Of(result.Bytes)} in {Milliseconds.Text(result.Elapsed)}");
        output.Line(result.ResumedFrom > 0 ? $", {SizeText.Of(result.ResumedFrom)} of them from an earlier run" : "");
        output.Line($"  sha256 {result.Sha256}", Style.Dim).Flush();
    }
}
