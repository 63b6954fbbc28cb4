using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// Reports as one page for people. Nothing is fetched and nothing runs but the page's own script: the content security policy names its digest. Every text passes
/// through <see cref="Text"/>.
/// </summary>
internal static class HtmlReport
{
    private static readonly string[] Parts = [Load("ScanReport.html"), Load("ScanReport.css"), Load("ScanReport.js")];

    public static void Write(ScanReport report, Stream output)
    {
        var (page, style, script) = (Parts[0], Parts[1], Parts[2]);
        var summary = report.Summary;
        var heading = report.Targets.Length == 0 ? "Port scan" : $"Port scan of {Cut(report.Targets, 120)}";
        var values = new Dictionary<string, Action<StringBuilder>>(StringComparer.Ordinal)
        {
            ["title"] = html => html.Append(Text(heading)),
            ["heading"] = html => html.Append(Text(heading)),
            ["subtitle"] = html => html.Append(Text($"{report.StartedAt.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC · ports {Cut(report.Ports, 160)} · {(summary.Mode == ScanMode.Syn ? "SYN" : "connect")} scan")),
            ["style"] = html => html.Append(style),
            ["script"] = html => html.Append(script),
            ["style-hash"] = html => html.Append(Digest(style)),
            ["script-hash"] = html => html.Append(Digest(script)),
            ["cards"] = html => HtmlReportParts.Cards(html, summary),
            ["notes"] = html => HtmlReportParts.Notes(html, summary.Notes),
            ["charts"] = html => HtmlReportCharts.Write(html, report),
            ["states"] = html => HtmlReportParts.Choices(html, report.Results.Select(static result => ScanText.Of(result.State))),
            ["services"] = html => HtmlReportParts.Choices(html, report.Results.Select(HtmlReportParts.ServiceName)),
            ["hosts"] = html => HtmlReportParts.Choices(html, report.Results.Select(static result => result.Host)),
            ["rows"] = html => HtmlReportRows.Write(html, report),
            ["footer"] = html => html.Append(Text(string.Create(CultureInfo.InvariantCulture,
                $"{summary.ProbesSent:N0} probes, {summary.Repeats:N0} of them repeats, in {summary.Elapsed.TotalSeconds:0.##} s. {summary.ModeReason} Text in the table is what the network said, escaped."))),
        };
        using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        var piece = new StringBuilder();
        // Placeholders are looked for in the template alone, never in what was filled in.
        for (var at = 0; ;)
        {
            var start = page.IndexOf("{{", at, StringComparison.Ordinal);
            writer.Write(page.AsSpan(at, (start < 0 ? page.Length : start) - at));
            if (start < 0)
                break;
            var end = page.IndexOf("}}", start, StringComparison.Ordinal);
            values[page[(start + 2)..end]](piece.Clear());
            foreach (var chunk in piece.GetChunks())
                writer.Write(chunk.Span);
            at = end + 2;
        }
    }

    /// <summary>Text as it may stand in an element or an attribute: what does not print is escaped, what is markup is an entity.</summary>
    public static string Text(string? text, int max = 300) => text is null ? "" : WebUtility.HtmlEncode(Printable.Text(text, max));

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max] + "…";

    private static string Digest(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Load(string resource)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"The library was built without {resource}.");
        using var reader = new StreamReader(stream);
        // A browser takes a digest over text whose lines end with LF.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
