using System.Globalization;
using System.Net;
using System.Xml;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reads nmap's XML, ours or nmap's: hosts, ports, services, certificates and keys, and what was scanned.</summary>
internal static class NmapXmlReader
{
    // A report is data of others: no document type is read, so there are no entities to expand or to fetch.
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true };

    public static ScanReport Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            using var stream = new MemoryStream(file.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, Settings);
            return new Reading(reader).Run();
        }
        catch (Exception error) when (error is XmlException or FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The report is not nmap's XML: {Printable.Text(error.Message)}", error);
        }
    }

    private sealed class Reading(XmlReader reader)
    {
        private readonly List<PortResult> _results = [];
        private readonly List<string> _targets = [];
        private readonly List<string> _ports = [];
        private ScanReport _report = ReportParts.Empty;
        private IPAddress? _address;
        private string? _name;
        private int _hosts;

        public ScanReport Run()
        {
            if (reader.MoveToContent() != XmlNodeType.Element || reader.Name != "nmaprun")
                throw new FormatException("its root is not nmaprun.");
            _report = _report with { StartedAt = Time("start") };
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element)
                    Element();
                else if (reader is { NodeType: XmlNodeType.EndElement, Name: "host" })
                    (_address, _name) = (null, null);
            }
            var summary = _report.Summary;
            var open = _results.Count(static result => result.State == PortState.Open);
            return _report with
            {
                Results = _results,
                Targets = string.Join(' ', _targets),
                Ports = string.Join(',', _ports),
                Summary = summary with { Open = open, Hosts = Math.Max(summary.Hosts, _hosts), HostsUp = Math.Max(summary.HostsUp, _hosts) },
            };
        }

        private void Element()
        {
            switch (reader.Name)
            {
                case "scaninfo":
                    _ports.Add((reader.GetAttribute("protocol") == "udp" ? "u:" : "t:") + reader.GetAttribute("services"));
                    break;
                case "target":
                    _targets.Add(reader.GetAttribute("specification") ?? "");
                    break;
                case "host":
                    _hosts++;
                    break;
                case "address" when reader.GetAttribute("addrtype") != "mac":
                    _address = IPAddress.Parse(reader.GetAttribute("addr") ?? "");
                    break;
                case "hostname":
                    _name ??= reader.GetAttribute("name");
                    break;
                case "port" when _address is not null && reader.GetAttribute("protocol") is "tcp" or "udp":
                    Port();
                    break;
                case "finished":
                    var elapsed = double.TryParse(reader.GetAttribute("elapsed"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? 1000 * seconds : 0;
                    _report = _report with { Summary = _report.Summary with { Elapsed = ReportParts.Milliseconds(elapsed) ?? default, IsComplete = reader.GetAttribute("exit") != "error" } };
                    break;
                case "hosts":
                    _report = _report with { Summary = _report.Summary with { Hosts = Count("total"), HostsUp = Count("up"), HostsDown = Count("down") } };
                    break;
            }
        }

        private void Port()
        {
            var address = _address!;
            var result = new PortResult
            {
                Host = _name ?? address.ToString(),
                Address = address,
                Port = ReportParts.Port(int.Parse(reader.GetAttribute("portid") ?? "", NumberStyles.None, CultureInfo.InvariantCulture)),
                Protocol = ReportParts.Protocol(reader.GetAttribute("protocol")),
                State = PortState.Closed,
                Reason = PortReason.Timeout,
            };
            // "unfiltered" and "closed|filtered" come of kinds of scans that we do not make.
            var isKnown = false;
            using (var port = reader.ReadSubtree())
            {
                port.Read();
                while (port.Read())
                {
                    if (port.NodeType != XmlNodeType.Element)
                        continue;
                    if (port.Name == "state" && port.GetAttribute("state") is "open" or "closed" or "filtered" or "open|filtered")
                        (result, isKnown) = (result with { State = ReportParts.State(port.GetAttribute("state")), Reason = ReportParts.Reason(port.GetAttribute("reason")) }, true);
                    else if (port.Name == "service" && port.GetAttribute("method") == "probed")
                        result = result with { Service = Service(port) };
                    else if (port.Name == "script" && result.Service is { } service)
                        result = result with { Service = Script(port, service) };
                }
            }
            if (isKnown)
                _results.Add(result);
        }

        private static ServiceInfo Service(XmlReader port) => new()
        {
            Name = port.GetAttribute("name") ?? "unknown",
            Product = port.GetAttribute("product"),
            Version = port.GetAttribute("version"),
            Tls = port.GetAttribute("tunnel") == "ssl" ? new TlsFacts("", "", null, []) : null,
        };

        private static ServiceInfo Script(XmlReader port, ServiceInfo service) => port.GetAttribute("id") switch
        {
            "banner" => service with { Banner = port.GetAttribute("output") },
            "http-title" => service with { HttpTitle = port.GetAttribute("output") },
            "http-server-header" => service with { HttpServer = port.GetAttribute("output") },
            "ssh-hostkey" => service with { SshHostKeyFingerprint = Elements(port).FirstOrDefault(static element => element.Key == "fingerprint").Value },
            "ssl-cert" => service with { Tls = Certificate([.. Elements(port)]) },
            _ => service,
        };

        private static IEnumerable<(string? Table, string? Key, string Value)> Elements(XmlReader port)
        {
            using var script = port.ReadSubtree();
            string? table = null;
            script.Read();
            while (script.Read())
            {
                if (script is { NodeType: XmlNodeType.Element, Name: "table" })
                    table = script.GetAttribute("key");
                else if (script is { NodeType: XmlNodeType.Element, Name: "elem" })
                    yield return (table, script.GetAttribute("key"), script.IsEmptyElement ? "" : ElementText(script));
            }
        }

        // Not ReadElementContentAsString: it would step over the next element.
        private static string ElementText(XmlReader script) => script.Read() && script.NodeType == XmlNodeType.Text ? script.Value : "";

        private static TlsFacts Certificate((string? Table, string? Key, string Value)[] elements)
        {
            string Of(string table, string key) => elements.FirstOrDefault(element => element.Table == table && element.Key == key).Value ?? "";
            string[] names = [.. elements.Where(static element => element.Table == "names").Select(static element => element.Value)];
            var subject = Of("subject", "name") is { Length: > 0 } name ? name : "CN=" + Of("subject", "commonName");
            var issuer = Of("issuer", "name") is { Length: > 0 } other ? other : "CN=" + Of("issuer", "commonName");
            return new TlsFacts(Of("tls", "protocol"), Of("tls", "cipherSuite"), Of("tls", "alpn") is { Length: > 0 } alpn ? alpn : null,
                [new CertificateFacts(subject, issuer, names, Day(Of("validity", "notBefore")), Day(Of("validity", "notAfter")), Of("tls", "pin"))]);
        }

        private static DateTimeOffset Day(string text) =>
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : default;

        private DateTimeOffset Time(string name) =>
            long.TryParse(reader.GetAttribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;

        private long Count(string name) => long.TryParse(reader.GetAttribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
    }
}
