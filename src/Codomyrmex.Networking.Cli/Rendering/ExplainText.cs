using Codomyrmex.Networking.Cli.Commands;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows an explained connection: its layers, where time went, and what broke.</summary>
internal static class ExplainText
{
    private const int BarWidth = 48;

    public static void Write(TextOutput output, Explanation explanation, bool isQuiet)
    {
        output.Line(explanation.Target.Text, Style.Bold).Line();
        var table = new Table("  ");
        foreach (var layer in explanation.Layers)
            Rows(table, layer);
        table.WriteTo(output);
        if (!isQuiet && explanation.Total > TimeSpan.Zero)
            Bars(output, explanation);
        output.Line();
        if (explanation.Failure is not { } failure)
        {
            output.Write("✓ ", Style.Green).Line($"reachable in {Milliseconds.Text(explanation.Total)}");
            foreach (var advice in explanation.Advice)
                output.Write("  advice: ", Style.Dim).Line(advice);
            output.Flush();
            return;
        }
        output.Write("✗ ", Style.Red).Write(PropertyNames.Replace(failure.Message), Style.Red).Line($" [{failure.Code}]", Style.Dim);
        if (HintText.Of(failure) is { } hint)
            output.Write("  hint: ", Style.Dim).Line(hint);
        output.Flush();
    }

    private static void Rows(Table table, Layer layer)
    {
        var (mark, style) = layer.Status switch
        {
            Layer.Ok => ("✓", Style.Green),
            Layer.Failed => ("✗", Style.Red),
            _ => ("–", Style.Dim),
        };
        var time = layer.Elapsed is { } elapsed ? Milliseconds.Text(elapsed) : "";
        var first = layer.Notes.Count > 0 ? layer.Notes[0] : layer.Status == Layer.NotReached ? "not reached" : layer.Status == Layer.Failed ? "failed" : "";
        table.Row((mark, style), (layer.Name, Style.Bold), (time, Style.Cyan), (first, layer.Status is Layer.Ok or Layer.Failed ? Style.Plain : Style.Dim));
        foreach (var note in layer.Notes.Skip(1))
            table.Row(("", Style.Plain), ("", Style.Plain), ("", Style.Plain), (note, note.Contains("EXPIRED", StringComparison.Ordinal) ? Style.Red : Style.Dim));
    }

    /// <summary>One bar a layer, each beginning where the one before ended.</summary>
    private static void Bars(TextOutput output, Explanation explanation)
    {
        output.Line();
        var total = explanation.Total;
        var before = TimeSpan.Zero;
        Style[] styles = [Style.Blue, Style.Yellow, Style.Cyan, Style.Magenta, Style.Green, Style.Red];
        foreach (var (i, layer) in explanation.Layers.Index())
        {
            if (layer.Elapsed is not { } elapsed)
                continue;
            var start = Math.Min(BarWidth - 1, (int)Math.Round(before / total * BarWidth));
            var end = Math.Clamp((int)Math.Round((before + elapsed) / total * BarWidth), start + 1, BarWidth);
            output.Write($"  {layer.Name,-8}").Write("│", Style.Dim).Write(new string(' ', start)).Write(new string('█', end - start), styles[i % styles.Length]);
            output.Write(new string(' ', BarWidth - end)).Write("│ ", Style.Dim).Line(Milliseconds.Text(elapsed));
            before += elapsed;
        }
    }
}
