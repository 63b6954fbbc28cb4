using System.Globalization;
using System.Text;
using static Codomyrmex.Networking.Scanning.Internal.HtmlReport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The rows of the page's table.</summary>
internal static class HtmlReportRows
{
    public static void Write(StringBuilder html, ScanReport report)
    {
        var end = report.StartedAt + report.Summary.Elapsed;
        foreach (var result in report.Results)
            Row(html, result, end);
    }

    private static void Row(StringBuilder html, PortResult result, DateTimeOffset now)
    {
        var service = result.Service;
        var name = HtmlReportParts.ServiceName(result);
        var state = ScanText.Of(result.State);
        var trip = result.RoundTrip?.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
        // What the script sorts and filters by.
        html.Append("<tr");
        Data(html, "h", result.Host);
        Data(html, "p", result.Port.ToString(CultureInfo.InvariantCulture));
        Data(html, "s", state);
        Data(html, "n", name);
        Data(html, "t", service?.HttpTitle ?? service?.Banner ?? "");
        Data(html, "c", service?.Tls is { Chain: [var leaf, ..] } ? leaf.NotAfter.ToString("u", CultureInfo.InvariantCulture) : service?.SshHostKeyFingerprint ?? "");
        Data(html, "r", trip);
        html.Append("><td>").Append(Text(result.Host));
        if (result.Host != result.Address.ToString())
            html.Append("<br><small>").Append(Text(result.Address.ToString())).Append("</small>");
        html.Append("</td><td class=\"port\">").Append(result.Port).Append("<small>/").Append(ScanText.Of(result.Protocol));
        html.Append("</small></td><td class=\"state ").Append(HtmlReportParts.ClassOf(result.State)).Append("\">").Append(Text(state));
        html.Append("<br><small>").Append(Text(ScanText.Of(result.Reason))).Append("</small></td><td>").Append(Text(name));
        if (service is null && name.Length > 0)
            html.Append(" <small title=\"the name of the port; nobody asked, or nothing was recognised\">by its port</small>");
        if (service is { Product: not null } or { Version: not null })
            html.Append("<br><small>").Append(Text($"{service.Product} {service.Version}".Trim())).Append("</small>");
        html.Append("</td><td>");
        Said(html, service);
        html.Append("</td><td>");
        Identity(html, service, now);
        html.Append("</td><td class=\"num\">").Append(trip.Length == 0 ? "" : trip + " ms").Append("</td></tr>\n");
    }

    private static void Data(StringBuilder html, string name, string value) => html.Append(" data-").Append(name).Append("=\"").Append(Text(value)).Append('"');

    private static void Said(StringBuilder html, ServiceInfo? service)
    {
        if (service?.HttpTitle is { } title)
            html.Append(Text(title)).Append("<br>");
        if (service?.HttpStatus is { } status)
            html.Append("<small>").Append(status).Append(service.HttpServer is null ? "" : " · " + Text(service.HttpServer)).Append("</small>");
        else if (service?.Banner is { } banner)
            html.Append("<code>").Append(Text(banner)).Append("</code>");
    }

    private static void Identity(StringBuilder html, ServiceInfo? service, DateTimeOffset now)
    {
        if (service?.SshHostKeyFingerprint is { } key)
            html.Append("<code>").Append(Text(key)).Append("</code>");
        if (service?.Tls is not { } tls)
            return;
        if (tls.Chain is [var leaf, ..])
        {
            var days = (leaf.NotAfter - now).TotalDays;
            html.Append(Text(leaf.Subject)).Append("<br><small>").Append(Text($"by {leaf.Issuer}, to {leaf.NotAfter:yyyy-MM-dd}")).Append("</small>");
            if (days < 0)
                html.Append("<span class=\"chip bad\">expired</span>");
            else if (days < 30)
                html.Append("<span class=\"chip warn\">").Append((int)days).Append(" days left</span>");
            if (leaf.Subject == leaf.Issuer)
                html.Append("<span class=\"chip\">self-signed</span>");
        }
        if (tls.Protocol.Length > 0)
            html.Append("<span class=\"chip").Append(tls.Protocol is "TLS 1.3" or "TLS 1.2" ? "" : " bad").Append("\">").Append(Text(tls.Protocol)).Append("</span>");
        if (tls.ApplicationProtocol is { } alpn)
            html.Append("<span class=\"chip\">").Append(Text(alpn)).Append("</span>");
    }
}
