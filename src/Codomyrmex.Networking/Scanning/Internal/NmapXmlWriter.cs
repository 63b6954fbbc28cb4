using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Xml;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reports as nmap's XML (version 1.05 of its output, nmap.dtd). Control characters, which XML cannot hold, are written as escapes.</summary>
internal static class NmapXmlWriter
{
    private const int LongestText = 1000;

    public static void Write(ScanReport report, Stream output)
    {
        using var writer = XmlWriter.Create(output, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, CloseOutput = false });
        writer.WriteStartDocument();
        writer.WriteDocType("nmaprun", null, null, null);
        writer.WriteStartElement("nmaprun");
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
            writer.WriteStartElement("target");
            Attribute(writer, "specification", target);
            writer.WriteEndElement();
        }
        var end = report.StartedAt + report.Summary.Elapsed;
        foreach (var host in report.Results.GroupBy(static result => (result.Host, result.Address)))
            WriteHost(writer, host.Key.Host, [.. host], report, end);
        WriteStatistics(writer, report, end);
        writer.WriteEndElement();
        writer.WriteEndDocument();
    }

    private static void WriteScanInfo(XmlWriter writer, ScanReport report)
    {
        if (!PortSet.TryParse(report.Ports, out var ports))
            return;
        foreach (var (list, type, protocol) in ((PortList, string, string)[])[(ports.Tcp, ScanJson.ModeName(report.Summary.Mode), "tcp"), (ports.Udp, "udp", "udp")])
        {
            if (list.Count == 0)
                continue;
            writer.WriteStartElement("scaninfo");
            Attribute(writer, "type", type);
            Attribute(writer, "protocol", protocol);
            Attribute(writer, "numservices", Number(list.Count));
            Attribute(writer, "services", list.ToString());
            writer.WriteEndElement();
        }
    }

    private static void WriteLevel(XmlWriter writer, string name)
    {
        writer.WriteStartElement(name);
        Attribute(writer, "level", "0");
        writer.WriteEndElement();
    }

    private static void WriteHost(XmlWriter writer, string name, List<PortResult> results, ScanReport report, DateTimeOffset end)
    {
        var address = results[0].Address;
        writer.WriteStartElement("host");
        Attribute(writer, "starttime", Seconds(report.StartedAt));
        Attribute(writer, "endtime", Seconds(end));
        writer.WriteStartElement("status");
        Attribute(writer, "state", "up");
        Attribute(writer, "reason", ScanText.Of(results[0].Reason));
        Attribute(writer, "reason_ttl", "0");
        writer.WriteEndElement();
        writer.WriteStartElement("address");
        Attribute(writer, "addr", address.ToString().Split('%')[0]);
        Attribute(writer, "addrtype", address.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4");
        writer.WriteEndElement();
        writer.WriteStartElement("hostnames");
        if (name != address.ToString())
        {
            writer.WriteStartElement("hostname");
            Attribute(writer, "name", name);
            Attribute(writer, "type", "user");
            writer.WriteEndElement();
        }
        writer.WriteEndElement();
        writer.WriteStartElement("ports");
        // How many others there are of a host is counted for the scan as a whole.
        if (report.Summary.Hosts == 1)
        {
            WriteExtra(writer, "closed", report.Summary.Closed - results.Count(static result => result.State == PortState.Closed), "reset");
            WriteExtra(writer, "filtered", report.Summary.Filtered - results.Count(static result => result.State == PortState.Filtered), "no-response");
        }
        foreach (var result in results)
            WritePort(writer, result);
        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private static void WriteExtra(XmlWriter writer, string state, long count, string reason)
    {
        if (count <= 0)
            return;
        writer.WriteStartElement("extraports");
        Attribute(writer, "state", state);
        Attribute(writer, "count", Number(count));
        writer.WriteStartElement("extrareasons");
        Attribute(writer, "reason", reason);
        Attribute(writer, "count", Number(count));
        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private static void WritePort(XmlWriter writer, PortResult result)
    {
        writer.WriteStartElement("port");
        Attribute(writer, "protocol", ScanText.Of(result.Protocol));
        Attribute(writer, "portid", Number(result.Port));
        writer.WriteStartElement("state");
        Attribute(writer, "state", ScanText.Of(result.State));
        Attribute(writer, "reason", ScanText.Of(result.Reason));
        Attribute(writer, "reason_ttl", "0");
        writer.WriteEndElement();
        var service = result.Service;
        if ((service?.Name ?? ScanJson.AssignedName(result)) is { } name)
        {
            writer.WriteStartElement("service");
            Attribute(writer, "name", name);
            Optional(writer, "product", service?.Product);
            Optional(writer, "version", service?.Version);
            if (service?.Tls is not null)
                Attribute(writer, "tunnel", "ssl");
            Attribute(writer, "method", service is null ? "table" : "probed");
            Attribute(writer, "conf", service is null ? "3" : "10");
            writer.WriteEndElement();
        }
        if (service is not null)
            WriteScripts(writer, service);
        writer.WriteEndElement();
    }

    /// <summary>What nmap's scripts of these names report, under the names that programs look for.</summary>
    private static void WriteScripts(XmlWriter writer, ServiceInfo service)
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
        writer.WriteStartElement("script");
        Attribute(writer, "id", "ssl-cert");
        Attribute(writer, "output", $"Subject: {leaf.Subject}; Issuer: {leaf.Issuer}; Not valid after: {leaf.NotAfter:u}; {tls.Protocol}");
        Table(writer, "subject", ("name", leaf.Subject));
        Table(writer, "issuer", ("name", leaf.Issuer));
        Table(writer, "validity", ("notBefore", leaf.NotBefore.ToString("s", CultureInfo.InvariantCulture)), ("notAfter", leaf.NotAfter.ToString("s", CultureInfo.InvariantCulture)));
        Table(writer, "names", [.. leaf.Names.Select(static name => ("", name))]);
        Table(writer, "tls", ("protocol", tls.Protocol), ("cipherSuite", tls.CipherSuite), ("alpn", tls.ApplicationProtocol ?? ""), ("pin", leaf.Pin));
        writer.WriteEndElement();
    }

    private static void Script(XmlWriter writer, string id, string text, params (string Key, string Value)[] elements)
    {
        writer.WriteStartElement("script");
        Attribute(writer, "id", id);
        Attribute(writer, "output", text);
        Elements(writer, elements);
        writer.WriteEndElement();
    }

    private static void Table(XmlWriter writer, string key, params (string Key, string Value)[] elements)
    {
        writer.WriteStartElement("table");
        Attribute(writer, "key", key);
        Elements(writer, elements);
        writer.WriteEndElement();
    }

    private static void Elements(XmlWriter writer, (string Key, string Value)[] elements)
    {
        foreach (var (key, value) in elements)
        {
            writer.WriteStartElement("elem");
            if (key.Length > 0)
                Attribute(writer, "key", key);
            writer.WriteString(Clean(value));
            writer.WriteEndElement();
        }
    }

    private static void WriteStatistics(XmlWriter writer, ScanReport report, DateTimeOffset end)
    {
        var summary = report.Summary;
        writer.WriteStartElement("runstats");
        writer.WriteStartElement("finished");
        Attribute(writer, "time", Seconds(end));
        Attribute(writer, "timestr", Date(end));
        Attribute(writer, "elapsed", summary.Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture));
        Attribute(writer, "summary", string.Create(CultureInfo.InvariantCulture,
            $"{summary.Hosts} hosts, {summary.Ports} ports: {summary.Open} open, {summary.Closed} closed, {summary.Filtered} filtered; recall {summary.Recall:0.####}"));
        Attribute(writer, "exit", summary.IsComplete ? "success" : "error");
        writer.WriteEndElement();
        writer.WriteStartElement("hosts");
        Attribute(writer, "up", Number(summary.HostsUp));
        Attribute(writer, "down", Number(Math.Max(0, summary.Hosts - summary.HostsUp)));
        Attribute(writer, "total", Number(summary.Hosts));
        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private static void Optional(XmlWriter writer, string name, string? value)
    {
        if (value is not null)
            Attribute(writer, name, value);
    }

    private static void Attribute(XmlWriter writer, string name, string value) => writer.WriteAttributeString(name, Clean(value));

    private static string Clean(string text) => Printable.Text(text, LongestText);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(DateTimeOffset time) => Number(time.ToUnixTimeSeconds());

    private static string Date(DateTimeOffset time) => time.ToUniversalTime().ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
}
