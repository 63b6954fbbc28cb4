using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reports as nmap's XML (version 1.05 of its output, nmap.dtd). Control characters, which XML cannot hold, are written as escapes.</summary>
internal static class NmapXmlWriter
{
    private const int LongestText = 1000;

    public static void Write(ScanReport report, Stream output)
    {
        using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        text.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>");
        var writer = new XmlOutput(text);
        writer.Start("nmaprun");
        // The document type allows no other name here.
        Attribute(writer, "scanner", "nmap");
        Attribute(writer, "args", $"codonet scan {report.Targets} -p {report.Ports}");
        Attribute(writer, "start", Seconds(report.StartedAt));
        Attribute(writer, "startstr", Date(report.StartedAt));
        Attribute(writer, "version", "7.94 (compatible; Codomyrmex.Networking)");
        Attribute(writer, "xmloutputversion", "1.05");
        WriteScanInfo(writer, report);
        WriteLevel(writer, "verbose");
        WriteLevel(writer, "debugging");
        foreach (var target in report.Targets.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            writer.Start("target");
            Attribute(writer, "specification", target);
            writer.End();
        }
        var end = report.StartedAt + report.Summary.Elapsed;
        foreach (var host in report.Results.GroupBy(static result => (result.Host, result.Address)))
            WriteHost(writer, host.Key.Host, [.. host], report, end);
        WriteStatistics(writer, report, end);
        writer.End();
    }

    private static void WriteScanInfo(XmlOutput writer, ScanReport report)
    {
        if (!PortSet.TryParse(report.Ports, out var ports))
            return;
        foreach (var (list, type, protocol) in ((PortList, string, string)[])[(ports.Tcp, ScanJson.ModeName(report.Summary.Mode), "tcp"), (ports.Udp, "udp", "udp")])
        {
            if (list.Count == 0)
                continue;
            writer.Start("scaninfo");
            Attribute(writer, "type", type);
            Attribute(writer, "protocol", protocol);
            Attribute(writer, "numservices", Number(list.Count));
            Attribute(writer, "services", list.ToString());
            writer.End();
        }
    }

    private static void WriteLevel(XmlOutput writer, string name)
    {
        writer.Start(name);
        Attribute(writer, "level", "0");
        writer.End();
    }

    private static void WriteHost(XmlOutput writer, string name, List<PortResult> results, ScanReport report, DateTimeOffset end)
    {
        var address = results[0].Address;
        writer.Start("host");
        Attribute(writer, "starttime", Seconds(report.StartedAt));
        Attribute(writer, "endtime", Seconds(end));
        writer.Start("status");
        Attribute(writer, "state", "up");
        Attribute(writer, "reason", ScanText.Of(results[0].Reason));
        Attribute(writer, "reason_ttl", "0");
        writer.End();
        writer.Start("address");
        Attribute(writer, "addr", address.ToString().Split('%')[0]);
        Attribute(writer, "addrtype", address.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4");
        writer.End();
        writer.Start("hostnames");
        if (name != address.ToString())
        {
            writer.Start("hostname");
            Attribute(writer, "name", name);
            Attribute(writer, "type", "user");
            writer.End();
        }
        writer.End();
        writer.Start("ports");
        // How many others there are of a host is counted for the scan as a whole.
        if (report.Summary.Hosts == 1)
        {
            WriteExtra(writer, "closed", report.Summary.Closed - results.Count(static result => result.State == PortState.Closed), "reset");
            WriteExtra(writer, "filtered", report.Summary.Filtered - results.Count(static result => result.State == PortState.Filtered), "no-response");
        }
        foreach (var result in results)
            WritePort(writer, result);
        writer.End();
        writer.End();
    }

    private static void WriteExtra(XmlOutput writer, string state, long count, string reason)
    {
        if (count <= 0)
            return;
        writer.Start("extraports");
        Attribute(writer, "state", state);
        Attribute(writer, "count", Number(count));
        writer.Start("extrareasons");
        Attribute(writer, "reason", reason);
        Attribute(writer, "count", Number(count));
        writer.End();
        writer.End();
    }

    private static void WritePort(XmlOutput writer, PortResult result)
    {
        writer.Start("port");
        Attribute(writer, "protocol", ScanText.Of(result.Protocol));
        Attribute(writer, "portid", Number(result.Port));
        writer.Start("state");
        Attribute(writer, "state", ScanText.Of(result.State));
        Attribute(writer, "reason", ScanText.Of(result.Reason));
        Attribute(writer, "reason_ttl", "0");
        writer.End();
        var service = result.Service;
        if ((service?.Name ?? ScanJson.AssignedName(result)) is { } name)
        {
            writer.Start("service");
            Attribute(writer, "name", name);
            Optional(writer, "product", service?.Product);
            Optional(writer, "version", service?.Version);
            if (service?.Tls is not null)
                Attribute(writer, "tunnel", "ssl");
            Attribute(writer, "method", service is null ? "table" : "probed");
            Attribute(writer, "conf", service is null ? "3" : "10");
            writer.End();
        }
        if (service is not null)
            WriteScripts(writer, service);
        writer.End();
    }

    /// <summary>What nmap's scripts of these names report, under the names that programs look for.</summary>
    private static void WriteScripts(XmlOutput writer, ServiceInfo service)
    {
        if (service.Banner is { } banner)
            Script(writer, "banner", banner);
        if (service.HttpTitle is { } title)
            Script(writer, "http-title", title, ("title", title));
        if (service.HttpServer is { } server)
            Script(writer, "http-server-header", server);
        if (service.SshHostKeyFingerprint is { } key)
            Script(writer, "ssh-hostkey", key, ("fingerprint", key));
        if (service.Tls is not { Chain: [var leaf, ..] } tls)
            return;
        writer.Start("script");
        Attribute(writer, "id", "ssl-cert");
        Attribute(writer, "output", $"Subject: {leaf.Subject}; Issuer: {leaf.Issuer}; Not valid after: {leaf.NotAfter:u}; {tls.Protocol}");
        Table(writer, "subject", ("name", leaf.Subject));
        Table(writer, "issuer", ("name", leaf.Issuer));
        Table(writer, "validity", ("notBefore", leaf.NotBefore.ToString("s", CultureInfo.InvariantCulture)), ("notAfter", leaf.NotAfter.ToString("s", CultureInfo.InvariantCulture)));
        Table(writer, "names", [.. leaf.Names.Select(static name => ("", name))]);
        Table(writer, "tls", ("protocol", tls.Protocol), ("cipherSuite", tls.CipherSuite), ("alpn", tls.ApplicationProtocol ?? ""), ("pin", leaf.Pin));
        writer.End();
    }

    private static void Script(XmlOutput writer, string id, string text, params (string Key, string Value)[] elements)
    {
        writer.Start("script");
        Attribute(writer, "id", id);
        Attribute(writer, "output", text);
        Elements(writer, elements);
        writer.End();
    }

    private static void Table(XmlOutput writer, string key, params (string Key, string Value)[] elements)
    {
        writer.Start("table");
        Attribute(writer, "key", key);
        Elements(writer, elements);
        writer.End();
    }

    private static void Elements(XmlOutput writer, (string Key, string Value)[] elements)
    {
        foreach (var (key, value) in elements)
        {
            writer.Start("elem");
            if (key.Length > 0)
                Attribute(writer, "key", key);
            writer.Text(Clean(value));
            writer.End();
        }
    }

    private static void WriteStatistics(XmlOutput writer, ScanReport report, DateTimeOffset end)
    {
        var summary = report.Summary;
        writer.Start("runstats");
        writer.Start("finished");
        Attribute(writer, "time", Seconds(end));
        Attribute(writer, "timestr", Date(end));
        Attribute(writer, "elapsed", summary.Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture));
        Attribute(writer, "summary", string.Create(CultureInfo.InvariantCulture,
            $"{summary.Hosts} hosts, {summary.Ports} ports: {summary.Open} open, {summary.Closed} closed, {summary.Filtered} filtered; recall {summary.Recall:0.####}"));
        Attribute(writer, "exit", summary.IsComplete ? "success" : "error");
        writer.End();
        writer.Start("hosts");
        Attribute(writer, "up", Number(summary.HostsUp));
        Attribute(writer, "down", Number(Math.Max(0, summary.Hosts - summary.HostsUp)));
        Attribute(writer, "total", Number(summary.Hosts));
        writer.End();
        writer.End();
    }

    private static void Optional(XmlOutput writer, string name, string? value)
    {
        if (value is not null)
            Attribute(writer, name, value);
    }

    private static void Attribute(XmlOutput writer, string name, string value) => writer.Attribute(name, Clean(value));

    private static string Clean(string text) => Printable.Text(text, LongestText);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(DateTimeOffset time) => Number(time.ToUnixTimeSeconds());

    private static string Date(DateTimeOffset time) => time.ToUniversalTime().ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
}
