using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Unicode;
using Codomyrmex.Networking.Scanning.Protocol;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reads nmap's XML, ours or nmap's: hosts, ports, services, certificates and keys, and what was scanned.</summary>
internal sealed class NmapXmlReader
{
    private readonly List<PortResult> _results = [];
    private readonly List<string> _targets = [];
    private readonly List<string> _ports = [];
    private readonly List<(string? Table, string? Key, string Value)> _elements = [];
    private ScanReport _report = ReportParts.Empty;
    private IPAddress? _address;
    private string? _name;
    private int _hosts;

    private PortResult? _port;
    private bool _isStateKnown;
    private (string? Id, string? Output) _script;
    private string? _table;
    private string? _key;
    private StringBuilder? _text;

    public static ScanReport Read(ReadOnlyMemory<byte> file)
    {
        if (!Utf8.IsValid(file.Span))
            throw new FormatException("The report is XML in another coding than UTF-8.");
        try
        {
            return new NmapXmlReader().Run(Encoding.UTF8.GetString(file.Span));
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The report is not nmap's XML: {Printable.Text(error.Message)}", error);
        }
    }

    private ScanReport Run(string document)
    {
        var tokens = new XmlTokens(document);
        if (!tokens.Read() || tokens.Name != "nmaprun")
            throw new FormatException("its root is not nmaprun.");
        _report = _report with { StartedAt = Time(tokens.Attribute("start")) };
        while (tokens.Read())
        {
            if (tokens.Token == XmlToken.Start)
                Start(tokens);
            else if (tokens.Token == XmlToken.End)
                End(tokens.Name);
            else
                _text?.Append(tokens.Text);
        }
        var summary = _report.Summary;
        return _report with
        {
            Results = _results,
            Targets = string.Join(' ', _targets),
            Ports = string.Join(',', _ports),
            Summary = summary with
            {
                Open = _results.Count(static result => result.State == PortState.Open),
                Hosts = Math.Max(summary.Hosts, _hosts),
                HostsUp = Math.Max(summary.HostsUp, _hosts),
            },
        };
    }

    private void Start(in XmlTokens tag)
    {
        switch (tag.Name)
        {
            case "scaninfo":
                _ports.Add((tag.Attribute("protocol") == "udp" ? "u:" : "t:") + tag.Attribute("services"));
                break;
            case "target":
                _targets.Add(tag.Attribute("specification") ?? "");
                break;
            case "host":
                _hosts++;
                break;
            case "address" when tag.Attribute("addrtype") != "mac":
                _address = IPAddress.Parse(tag.Attribute("addr") ?? "");
                break;
            case "hostname":
                _name ??= tag.Attribute("name");
                break;
            case "port" when _address is not null && tag.Attribute("protocol") is "tcp" or "udp":
                StartPort(tag, _address!);
                break;
            case "state" or "service" or "script" or "table" or "elem" when _port is not null:
                WithinPort(tag, _port);
                break;
            case "finished":
                var elapsed = double.TryParse(tag.Attribute("elapsed"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? 1000 * seconds : 0;
                _report = _report with { Summary = _report.Summary with { Elapsed = ReportParts.Milliseconds(elapsed) ?? default, IsComplete = tag.Attribute("exit") != "error" } };
                break;
            case "hosts":
                _report = _report with { Summary = _report.Summary with { Hosts = Count(tag.Attribute("total")), HostsUp = Count(tag.Attribute("up")), HostsDown = Count(tag.Attribute("down")) } };
                break;
        }
    }

    private void StartPort(in XmlTokens tag, IPAddress address)
    {
        _isStateKnown = false;
        _port = new PortResult
        {
            Host = _name ?? address.ToString(),
            Address = address,
            Port = ReportParts.Port(int.Parse(tag.Attribute("portid") ?? "", NumberStyles.None, CultureInfo.InvariantCulture)),
            Protocol = ReportParts.Protocol(tag.Attribute("protocol")),
            State = PortState.Closed,
            Reason = PortReason.Timeout,
        };
    }

    private void WithinPort(in XmlTokens tag, PortResult port)
    {
        switch (tag.Name)
        {
            // "unfiltered" and "closed|filtered" come of kinds of scans that we do not make.
            case "state" when tag.Attribute("state") is "open" or "closed" or "filtered" or "open|filtered":
                (_port, _isStateKnown) = (port with { State = ReportParts.State(tag.Attribute("state")), Reason = ReportParts.Reason(tag.Attribute("reason")) }, true);
                break;
            case "service" when tag.Attribute("method") == "probed":
                _port = port with
                {
                    Service = new ServiceInfo
                    {
                        Name = tag.Attribute("name") ?? "unknown",
                        Product = tag.Attribute("product"),
                        Version = tag.Attribute("version"),
                        Tls = tag.Attribute("tunnel") == "ssl" ? new TlsFacts("", "", null, []) : null,
                    },
                };
                break;
            case "script":
                _script = (tag.Attribute("id"), tag.Attribute("output"));
                _table = null;
                _elements.Clear();
                break;
            case "table":
                _table = tag.Attribute("key");
                break;
            case "elem":
                (_key, _text) = (tag.Attribute("key"), new StringBuilder());
                break;
        }
    }

    private void End(string name)
    {
        switch (name)
        {
            case "elem" when _text is not null:
                _elements.Add((_table, _key, _text.ToString()));
                _text = null;
                break;
            case "script" when _port is { Service: { } service } port:
                _port = port with { Service = Told(service) };
                break;
            case "port":
                if (_isStateKnown)
                    _results.Add(_port!);
                (_port, _isStateKnown) = (null, false);
                break;
            case "host":
                (_address, _name) = (null, null);
                break;
        }
    }

    /// <summary>What a script that ends has to say of the service.</summary>
    private ServiceInfo Told(ServiceInfo service) => _script.Id switch
    {
        "banner" => service with { Banner = _script.Output },
        "http-title" => service with { HttpTitle = _script.Output },
        "http-server-header" => service with { HttpServer = _script.Output },
        "ssh-hostkey" => service with { SshHostKeyFingerprint = _elements.Find(static element => element.Key == "fingerprint").Value },
        "ssl-cert" => service with { Tls = Certificate() },
        _ => service,
    };

    private TlsFacts Certificate()
    {
        string Of(string table, string key) => _elements.Find(element => element.Table == table && element.Key == key).Value ?? "";
        string[] names = [.. _elements.Where(static element => element.Table == "names").Select(static element => element.Value)];
        var subject = Of("subject", "name") is { Length: > 0 } name ? name : "CN=" + Of("subject", "commonName");
        var issuer = Of("issuer", "name") is { Length: > 0 } other ? other : "CN=" + Of("issuer", "commonName");
        return new TlsFacts(Of("tls", "protocol"), Of("tls", "cipherSuite"), Of("tls", "alpn") is { Length: > 0 } alpn ? alpn : null,
            [new CertificateFacts(subject, issuer, names, Day(Of("validity", "notBefore")), Day(Of("validity", "notAfter")), Of("tls", "pin"))]);
    }

    private static DateTimeOffset Day(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : default;

    private static DateTimeOffset Time(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;

    private static long Count(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
