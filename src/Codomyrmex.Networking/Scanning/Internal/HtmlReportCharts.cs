using System.Globalization;
using System.Text;
using static Codomyrmex.Networking.Scanning.Internal.HtmlReport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The page's charts: which ports of which hosts are open, on a scale of powers of ten, and what the ports are by state and service.</summary>
internal static class HtmlReportCharts
{
    private const int MostHosts = 24;
    private const int MostServices = 8;
    private const double MapWidth = 760;
    private const double Left = 150;
    private const double RowHeight = 22;
    private const double BarsWidth = 380;
    private const double BarsLeft = 110;

    public static void Write(StringBuilder html, ScanReport report)
    {
        Map(html, report);
        html.Append("<div class=\"panel\"><h2>Ports by state</h2>");
        States(html, report.Summary);
        Services(html, report);
        html.Append("</div>");
    }

    /// <summary>A row for each host, a dot for each open port.</summary>
    private static void Map(StringBuilder html, ScanReport report)
    {
        var hosts = report.Results.Where(static result => result.State == PortState.Open).GroupBy(static result => result.Host).ToList();
        var shown = hosts.OrderByDescending(static host => host.Count()).Take(MostHosts).Select(static host => host.Key).ToHashSet();
        var rows = hosts.Where(host => shown.Contains(host.Key)).ToList();
        var height = 30 + (RowHeight * Math.Max(rows.Count, 1));
        html.Append("<div class=\"panel\"><h2>Open ports by host</h2>");
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {MapWidth} {height}\" role=\"img\" aria-label=\"Open ports of each host on a logarithmic scale\">");
        foreach (var port in (int[])[1, 10, 100, 1000, 10_000, 65_535])
        {
            var x = X(port);
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"4\" y2=\"{height - 20}\"/><text x=\"{x:0.#}\" y=\"{height - 5}\" text-anchor=\"middle\">{port}</text>");
        }
        foreach (var (index, host) in rows.Index())
        {
            var y = 15 + (RowHeight * index);
            var name = host.Key.Length <= 22 ? host.Key : "…" + host.Key[^21..];
            html.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" x=\"{Left - 12}\" y=\"{y + 4}\" text-anchor=\"end\">").Append(Text(name)).Append("</text>");
            foreach (var result in host)
            {
                html.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot{(result.Service?.Tls is null ? "" : " tls")}\" cx=\"{X(result.Port):0.#}\" cy=\"{y}\" r=\"5\"><title>");
                html.Append(Text($"{result.Port}/{ScanText.Of(result.Protocol)} {HtmlReportParts.ServiceName(result)}")).Append("</title></circle>");
            }
        }
        html.Append("</svg><ul class=\"legend\"><li><i class=\"b-open\"></i>open</li><li><i class=\"b-tls\"></i>open, speaks TLS</li>");
        if (hosts.Count > rows.Count)
            html.Append("<li>").Append(Text($"the {rows.Count} of {hosts.Count} hosts with most")).Append("</li>");
        html.Append("</ul></div>");
    }

    private static double X(int port) => Left + ((MapWidth - Left - 24) * Math.Log10(port) / Math.Log10(65_535));

    private static void States(StringBuilder html, ScanSummary summary)
    {
        (string Kind, string Label, long Count)[] parts =
            [("open", "open", summary.Open), ("maybe", "open|filtered", summary.OpenOrFiltered), ("filtered", "filtered", summary.Filtered), ("closed", "closed", summary.Closed)];
        var total = Math.Max(1, parts.Sum(static part => part.Count));
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {BarsWidth} 18\" role=\"img\" aria-label=\"Share of each state\">");
        var x = 0.0;
        foreach (var (kind, label, count) in parts.Where(static part => part.Count > 0))
        {
            // What is there is seen, however few they are.
            var width = Math.Max(4, (BarsWidth - 16) * count / total);
            html.Append(CultureInfo.InvariantCulture, $"<rect class=\"f-{kind}\" x=\"{x:0.#}\" y=\"0\" width=\"{width:0.#}\" height=\"18\" rx=\"3\"><title>{Text(label)}: {Number(count)}</title></rect>");
            x += width + 2;
        }
        html.Append("</svg><ul class=\"legend\">");
        foreach (var (kind, label, count) in parts.Where(static part => part.Count > 0))
            html.Append("<li><i class=\"b-").Append(kind).Append("\"></i>").Append(Text(label)).Append(' ').Append(Number(count)).Append("</li>");
        html.Append("</ul>");
    }

    private static void Services(StringBuilder html, ScanReport report)
    {
        var services = report.Results.Where(static result => result.State == PortState.Open).GroupBy(static result => HtmlReportParts.ServiceName(result) is { Length: > 0 } name ? name : "unknown")
            .Select(static group => (Name: group.Key, Count: group.Count())).OrderByDescending(static group => group.Count).ThenBy(static group => group.Name, StringComparer.Ordinal).Take(MostServices).ToList();
        if (services.Count == 0)
            return;
        html.Append("<h2>Open ports by service</h2>");
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {BarsWidth} {services.Count * RowHeight}\" role=\"img\" aria-label=\"Number of open ports of each service\">");
        foreach (var (index, (name, count)) in services.Index())
        {
            var (y, width) = (index * RowHeight, (BarsWidth - BarsLeft - 44) * count / services[0].Count);
            html.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" x=\"{BarsLeft - 8}\" y=\"{y + 14}\" text-anchor=\"end\">").Append(Text(name, 16)).Append("</text>");
            html.Append(CultureInfo.InvariantCulture, $"<rect class=\"barfill\" x=\"{BarsLeft}\" y=\"{y + 3}\" width=\"{width:0.#}\" height=\"14\" rx=\"3\"/><text x=\"{BarsLeft + width + 6:0.#}\" y=\"{y + 14}\">{Number(count)}</text>");
        }
        html.Append("</svg>");
    }
}
