using System.Globalization;
using System.Text;
using static Codomyrmex.Networking.Scanning.Internal.HtmlReport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The small pieces of the page: totals, notes, choices of the filters.</summary>
internal static class HtmlReportParts
{
    private const int MostChoices = 200;

    public static void Cards(StringBuilder html, ScanSummary summary)
    {
        Card(html, Number(summary.Open), "open", " open");
        if (summary.OpenOrFiltered > 0)
            Card(html, Number(summary.OpenOrFiltered), "open or filtered");
        Card(html, Number(summary.Closed), "closed");
        Card(html, Number(summary.Filtered), "filtered");
        Card(html, summary.Hosts == 1 ? "1" : $"{Number(summary.HostsUp)} of {Number(summary.Hosts)}", summary.Hosts == 1 ? "host" : "hosts up");
        Card(html, string.Create(CultureInfo.InvariantCulture, $"{summary.Elapsed.TotalSeconds:0.##} s"), "elapsed");
        Card(html, Percent(summary.Confidence), summary.Canaries > 0 ? $"confidence, recall {Percent(summary.Recall)}" : "confidence");
    }

    public static void Notes(StringBuilder html, IReadOnlyList<ScanNote> notes)
    {
        if (notes.Count == 0)
            return;
        html.Append("<ul class=\"panel notes\">");
        foreach (var note in notes)
            html.Append("<li>").Append(Text(note.ToString())).Append("</li>");
        html.Append("</ul>");
    }

    public static void Choices(StringBuilder html, IEnumerable<string> values)
    {
        foreach (var value in values.Where(static value => value.Length > 0).Distinct().Order(StringComparer.Ordinal).Take(MostChoices))
            html.Append("<option>").Append(Text(value)).Append("</option>");
    }

    public static string ServiceName(PortResult result) => result.Service?.Name ?? ScanJson.AssignedName(result) ?? "";

    /// <summary>The class that colours a state.</summary>
    public static string ClassOf(PortState state) => state == PortState.OpenOrFiltered ? "maybe" : ScanText.Of(state);

    // Never rounded up to certainty.
    private static string Percent(double share) => share >= 1 ? "100 %" : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(99.99, 100 * share):0.##} %");

    private static void Card(StringBuilder html, string value, string label, string kind = "") =>
        html.Append("<div class=\"card").Append(kind).Append("\"><b>").Append(Text(value)).Append("</b><span>").Append(Text(label)).Append("</span></div>");
}
