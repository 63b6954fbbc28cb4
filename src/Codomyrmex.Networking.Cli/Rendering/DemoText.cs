using Codomyrmex.Networking.Cli.Commands;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows the demonstration as it goes on.</summary>
internal static class DemoText
{
    private const int TitleWidth = 40;

    public static void WriteHead(TextOutput output, Lab lab)
    {
        output.Write("codonet demo", Style.Bold).Line($"  against {lab.Http.Url} and {lab.Https.Url}, both in this process", Style.Dim).Flush();
    }

    /// <summary>One step; what happened is cut to what a terminal has room for.</summary>
    public static void Write(TextOutput output, DemoOutcome outcome, bool isFirst, int width)
    {
        if (isFirst)
            output.Line().Line(outcome.Step.Chapter, Style.Bold);
        output.Write(outcome.IsOk ? "  ✓ " : "  ✗ ", outcome.IsOk ? Style.Green : Style.Red).Write(outcome.Step.Title.PadRight(TitleWidth));
        output.Write(Milliseconds.Text(outcome.Elapsed).PadLeft(9) + "  ", Style.Cyan);
        output.Line(Cut(outcome.Detail, width - TitleWidth - 15), outcome.IsOk ? Style.Dim : Style.Red).Flush();
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";

    public static void WriteEnd(TextOutput output, List<DemoOutcome> outcomes, TimeSpan elapsed)
    {
        var failed = outcomes.Count(outcome => !outcome.IsOk);
        output.Line();
        if (failed == 0)
            output.Write("✓ ", Style.Green).Line($"{outcomes.Count} steps, all as they should be, in {Milliseconds.Text(elapsed)}", Style.Bold);
        else
            output.Write("✗ ", Style.Red).Line($"{failed} of {outcomes.Count} steps went wrong", Style.Bold);
        output.Flush();
    }

    public static void WriteDocument(Stream stream, List<DemoOutcome> outcomes, TimeSpan elapsed) => JsonOutput.Write(stream, writer =>
    {
        writer.WriteBoolean("ok", outcomes.TrueForAll(outcome => outcome.IsOk));
        writer.WriteStartArray("steps");
        foreach (var outcome in outcomes)
        {
            writer.WriteStartObject();
            writer.WriteString("chapter", outcome.Step.Chapter);
            writer.WriteString("step", outcome.Step.Title);
            writer.WriteBoolean("ok", outcome.IsOk);
            writer.WriteString("detail", outcome.Detail);
            writer.WriteMs("elapsedMs", outcome.Elapsed);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteMs("elapsedMs", elapsed);
    });
}
