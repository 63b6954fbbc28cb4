using System.Globalization;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows what a scan found: lines for people, or lines of JSON as the command line's contract lays them down.</summary>
internal static class ScanDocument
{
    public static void Write(Invocation run, PortResult result)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer => ScanJson.WriteMembers(writer, result));
            return;
        }
        var where = $"{new Endpoint(result.Host, result.Port)}/{ScanText.Of(result.Protocol)}";
        var name = result.Service?.Name ?? (result.Protocol == PortProtocol.Udp ? PortNames.OfUdp(result.Port) : PortNames.OfTcp(result.Port)) ?? "";
        run.Out.Write(where.PadRight(26) + "  ", Style.Bold).Write(ScanText.Of(result.State).PadRight(13), StyleOf(result.State));
        var details = Details(result);
        run.Out.Write(details.Length > 0 ? name.PadRight(14) + "  " : name, result.Service is null ? Style.Dim : Style.Cyan);
        run.Out.Line(details, Style.Dim).Flush();
    }

    public static void WriteChanges(Invocation run, ScanDiff diff)
    {
        if (run.IsJson)
        {
            foreach (var change in diff.Changes)
                JsonOutput.Write(run.Context.Out, writer => WriteChange(writer, change));
            return;
        }
        run.Out.Line().Line(diff.Changes.Count == 0 ? "Nothing changed." : $"{diff.Changes.Count} changes:", Style.Bold);
        foreach (var change in diff.Changes)
        {
            var (sign, style) = change.Kind switch
            {
                ScanChangeKind.Opened => ("+ ", Style.Green),
                ScanChangeKind.Closed => ("- ", Style.Red),
                _ => ("~ ", Style.Yellow),
            };
            run.Out.Write(sign, style).Line(change.ToString());
        }
        if (diff.Uncompared > 0)
            run.Out.Line($"{diff.Uncompared} open ports are in the list of one scan alone, and were not compared.", Style.Dim);
        run.Out.Flush();
    }

    public static void WriteSummary(Invocation run, ScanReport report)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteStartObject("summary");
                ScanJson.WriteSummary(writer, report);
                writer.WriteEndObject();
            });
            return;
        }
        if (run.IsQuiet)
            return;
        var summary = report.Summary;
        run.Error.Line(string.Create(CultureInfo.InvariantCulture,
            $"{summary.Open:N0} open, {summary.Closed:N0} closed, {summary.Filtered:N0} filtered{(summary.OpenOrFiltered > 0 ? $", {summary.OpenOrFiltered:N0} open or filtered" : "")}" +
            $"{(summary.Skipped > 0 ? $", {summary.Skipped:N0} left out" : "")} of {summary.Ports:N0} ports of {Hosts(summary)}, in {Milliseconds.Text(summary.Elapsed)}"), Style.Bold);
        var mode = summary.Mode == ScanMode.Syn ? "SYN scan" : "connect scan";
        var recall = summary.Canaries > 0 ? string.Create(CultureInfo.InvariantCulture, $"; recall {100 * summary.Recall:0.##} % of {summary.Canaries:N0}, confidence {Confidence(summary.Confidence)}") : "";
        run.Error.Line($"{(summary.IsComplete ? "" : "not complete; ")}{mode}: {summary.ModeReason.TrimEnd('.')}{recall}", Style.Dim);
        foreach (var note in summary.Notes)
            run.Error.Write("! ", Style.Yellow).Line(note.ToString());
        run.Error.Flush();
    }

    private static string Hosts(ScanSummary summary) => summary.Hosts == 1 ? "1 host" : string.Create(CultureInfo.InvariantCulture, $"{summary.Hosts:N0} hosts ({summary.HostsUp:N0} up)");

    // Never rounded up to certainty.
    private static string Confidence(double share) => share >= 1 ? "100 %" : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(99.99, 100 * share):0.##} %");

    private static string Details(PortResult result)
    {
        var parts = new List<string>();
        if (result.Host != result.Address.ToString())
            parts.Add(result.Address.ToString());
        if (result.Service is { } service)
        {
            var product = $"{service.Product} {service.Version}".Trim();
            if (product.Length > 0)
                parts.Add(product);
            if (service.HttpStatus is { } status)
                parts.Add(service.HttpTitle is { } title ? $"{status} \"{title}\"" : status.ToString(CultureInfo.InvariantCulture));
            if (service.Tls is { } tls)
                parts.Add(Tls(tls));
            if (service.SshHostKeyFingerprint is { } key)
                parts.Add(key);
            if (service is { Banner: { } banner, HttpStatus: null } && product.Length == 0)
                parts.Add($"\"{banner.TrimEnd()}\"");
        }
        if (result.State != PortState.Open)
            parts.Add(ScanText.Of(result.Reason));
        return string.Join(" · ", parts);
    }

    private static string Tls(Transport.TlsFacts tls)
    {
        var agreed = $"{tls.Protocol} {tls.ApplicationProtocol}".Trim();
        if (tls.Chain is not [var leaf, ..])
            return agreed;
        return string.Create(CultureInfo.InvariantCulture, $"{agreed}, {leaf.Subject} by {leaf.Issuer}, to {leaf.NotAfter:yyyy-MM-dd}").TrimStart(',', ' ');
    }

    private static void WriteChange(System.Text.Json.Utf8JsonWriter writer, ScanChange change)
    {
        writer.WriteStartObject("change");
        writer.WriteString("kind", change.Kind switch
        {
            ScanChangeKind.Opened => "opened",
            ScanChangeKind.Closed => "closed",
            ScanChangeKind.Service => "service",
            ScanChangeKind.Certificate => "certificate",
            _ => "hostKey",
        });
        writer.WriteString("host", change.Port.Host);
        writer.WriteString("address", change.Port.Address.ToString());
        writer.WriteNumber("port", change.Port.Port);
        writer.WriteString("protocol", ScanText.Of(change.Port.Protocol));
        writer.WriteString("text", change.Text);
        writer.WriteEndObject();
    }

    private static Style StyleOf(PortState state) => state switch
    {
        PortState.Open => Style.Green,
        PortState.Closed => Style.Dim,
        _ => Style.Yellow,
    };
}
