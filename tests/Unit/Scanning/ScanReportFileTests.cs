using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, rows 29 and 30: reports for programs and for people; nothing that a server says gets out of its place in them.</summary>
public class ScanReportFileTests
{
    private static async Task<string> WriteAsync(ScanReport report, ScanReportFormat format)
    {
        using var output = new MemoryStream();
        await ScanReportFile.WriteAsync(report, output, format, TestContext.Current.CancellationToken);
        Assert.True(output.CanWrite);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static Task<ScanReport> ReadAsync(string text) => ScanReportFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Json_lines_hold_every_finding_and_the_summary_and_read_back()
    {
        var report = SampleReport.Whole;
        var text = await WriteAsync(report, ScanReportFormat.JsonLines);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(report.Results.Count + 1, lines.Count);
        Assert.Equal(("192.0.2.7", 22, "tcp", "open", "syn-ack", "ssh", "SSH-2.0-OpenSSH_9.2p1", 1.25), (
            lines[0].GetProperty("host").GetString(), lines[0].GetProperty("port").GetInt32(), lines[0].GetProperty("protocol").GetString(), lines[0].GetProperty("state").GetString(),
            lines[0].GetProperty("reason").GetString(), lines[0].GetProperty("service").GetString(), lines[0].GetProperty("banner").GetString(), lines[0].GetProperty("rttMs").GetDouble()));
        Assert.Equal("ipp", lines[3].GetProperty("service").GetString());
        Assert.Equal((18, 6, 0.9975), (lines[^1].GetProperty("summary").GetProperty("hosts").GetInt32(), lines[^1].GetProperty("summary").GetProperty("open").GetInt32(), lines[^1].GetProperty("summary").GetProperty("recall").GetDouble()));
        Assert.DoesNotContain('\u001b', text);
        var back = await ReadAsync(text);
        Assert.Equal(text.Split('\n')[..^2], (await WriteAsync(back, ScanReportFormat.JsonLines)).Split('\n')[..^2]);
        Assert.Equal((report.Targets, report.Ports, report.StartedAt, report.Summary.Closed), (back.Targets, back.Ports, back.StartedAt, back.Summary.Closed));
    }

    [Fact]
    public async Task Json_lines_of_a_scan_that_was_broken_off_are_read_without_their_summary()
    {
        var text = await WriteAsync(SampleReport.Whole, ScanReportFormat.JsonLines);
        var back = await ReadAsync(string.Join('\n', text.Split('\n')[..3]));
        Assert.Equal((3, ""), (back.Results.Count, back.Ports));
    }

    [Fact]
    public async Task Nmap_xml_reads_back_with_services_certificates_and_keys()
    {
        var report = SampleReport.Whole;
        var xml = await WriteAsync(report, ScanReportFormat.NmapXml);
        var root = XDocument.Parse(xml).Root!;
        Assert.Equal(("nmaprun", "nmap"), (root.Name.LocalName, root.Attribute("scanner")!.Value));
        Assert.Equal(["1-1024,8443", "53"], root.Elements("scaninfo").Select(info => info.Attribute("services")!.Value));
        Assert.Equal(4, root.Elements("host").Count());
        var back = await ReadAsync(xml);
        Assert.Equal(report.Results.Select(result => (result.Address, result.Port, result.Protocol, result.State, result.Reason)).Order(Comparer),
            back.Results.Select(result => (result.Address, result.Port, result.Protocol, result.State, result.Reason)).Order(Comparer));
        var tls = back.Results.Single(result => result.Port == 443).Service!.Tls!;
        Assert.Equal(("CN=www.example.test", 2027, "cGlu", "h2"), (tls.Chain[0].Subject, tls.Chain[0].NotAfter.Year, tls.Chain[0].Pin, tls.ApplicationProtocol));
        Assert.Equal(["www.example.test", "192.0.2.7"], tls.Chain[0].Names);
        Assert.Equal("SHA256:q0b8dpHKCk8PKEWPRX4mGLsFcOY9I5TdfmWDnJ1Hq5A", back.Results.Single(result => result.Port == 22).Service!.SshHostKeyFingerprint);
        Assert.Equal((PortSet.Parse(report.Ports), 18, "www.example.test"), (PortSet.Parse(back.Ports), back.Summary.Hosts, back.Results.Single(result => result.Port == 80).Host));
    }

    [Fact]
    public async Task Xml_is_read_with_entities_quotes_comments_and_character_data()
    {
        const string Xml = """
            <nmaprun start='1764150000'><!-- a > b --><host><address addr="127.0.0.1" addrtype='ipv4'/><ports><port portid = "80"
              protocol="tcp"><state state="open" reason="syn-ack"/><service name="http" product="a &lt;&amp;&#65;&#x42;&gt; 'b'" method="probed"/>
            <script id="ssh-hostkey" output=""><elem key="fingerprint">SHA<![CDATA[256:<&]]>&quot;</elem></script></port></ports></host></nmaprun>
            """;
        var result = Assert.Single((await ReadAsync(Xml)).Results);
        Assert.Equal((80, "a <&AB> 'b'", "SHA256:<&\""), (result.Port, result.Service?.Product, result.Service?.SshHostKeyFingerprint));
    }

    private static readonly Comparer<(System.Net.IPAddress, int, PortProtocol, PortState, PortReason)> Comparer =
        Comparer<(System.Net.IPAddress, int, PortProtocol, PortState, PortReason)>.Create((one, other) => string.CompareOrdinal(one.ToString(), other.ToString()));

    [Fact]
    public async Task Nmaps_own_xml_is_read()
    {
        const string Xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE nmaprun>
            <?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>
            <!-- Nmap 7.93 scan -->
            <nmaprun scanner="nmap" args="nmap -oX - 127.0.0.1" start="1764150000" version="7.93" xmloutputversion="1.05">
            <scaninfo type="connect" protocol="tcp" numservices="3" services="21-23"/>
            <verbose level="0"/><debugging level="0"/>
            <host starttime="1" endtime="2"><status state="up" reason="conn-refused" reason_ttl="0"/><address addr="127.0.0.1" addrtype="ipv4"/><address addr="00:11:22:33:44:55" addrtype="mac"/>
            <hostnames><hostname name="localhost" type="PTR"/></hostnames>
            <ports><extraports state="closed" count="1"><extrareasons reason="conn-refused" count="1" proto="tcp" ports="21"/></extraports>
            <port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh</cpe></service></port>
            <port protocol="tcp" portid="23"><state state="filtered" reason="no-response" reason_ttl="0"/><service name="telnet" method="table" conf="3"/></port>
            <port protocol="sctp" portid="9"><state state="open" reason="x" reason_ttl="0"/></port>
            </ports><times srtt="90" rttvar="80" to="100000"/></host>
            <runstats><finished time="1764150001" elapsed="0.11" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
            </nmaprun>
            """;
        var report = await ReadAsync(Xml);
        Assert.Equal(["127.0.0.1:22/tcp open (syn-ack) ssh OpenSSH 9.2p1", "127.0.0.1:23/tcp filtered (timeout)"], report.Results.Select(result => result.ToString()));
        Assert.Equal(("t:21-23", 1, "localhost"), (report.Ports, report.Summary.Hosts, report.Results[0].Host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("<html></html>")]
    [InlineData("<nmaprun><host><address addr=\"x\"/></host></nmaprun>")]
    [InlineData("<nmaprun><host><address addr=\"::1\"/><ports><port protocol=\"tcp\" portid=\"65536\"/></ports></host></nmaprun>")]
    [InlineData("<nmaprun>")]
    [InlineData("<!DOCTYPE nmaprun [<!ENTITY a \"b\">]><nmaprun/>")]
    [InlineData("<nmaprun start=\"&a;\"/>")]
    [InlineData("<nmaprun start=\"&#xD800;\"/>")]
    [InlineData("<nmaprun a=\"1\" a=\"2\"/>")]
    [InlineData("<nmaprun a=\"<\"/>")]
    [InlineData("<nmaprun></host>")]
    [InlineData("<nmaprun/><nmaprun/>")]
    [InlineData("<nmaprun/>text")]
    [InlineData("<nmaprun><!-- ")]
    [InlineData("{\"port\":80}")]
    [InlineData("{\"port\":0,\"address\":\"::1\",\"protocol\":\"tcp\",\"state\":\"open\"}")]
    [InlineData("{\"port\":80,\"address\":\"::1\",\"protocol\":\"tcp\",\"state\":\"ajar\"}")]
    [InlineData("{\"port\"")]
    public async Task File_that_is_no_report_is_refused(string text) => await Assert.ThrowsAsync<FormatException>(() => ReadAsync(text));

    [Fact, Trait("Cve", "21")]
    public async Task Csv_has_no_cell_that_is_a_formula()
    {
        var csv = await WriteAsync(SampleReport.Whole, ScanReportFormat.Csv);
        var lines = csv.Split("\r\n");
        Assert.Equal(SampleReport.Whole.Results.Count + 2, lines.Length);
        Assert.Equal("192.0.2.7,192.0.2.7,22,tcp,open,syn-ack,ssh,OpenSSH,9.2p1,SSH-2.0-OpenSSH_9.2p1,,,,,,,,,SHA256:q0b8dpHKCk8PKEWPRX4mGLsFcOY9I5TdfmWDnJ1Hq5A,1.25", lines[1]);
        Assert.Contains("\"Tom & Jerry's page\"", lines[2]);
        Assert.Contains("\"'=cmd|'/c calc'!A1\\u001b[2J\"\"><script>", csv);
        Assert.DoesNotMatch(new Regex("(^|,)\"?[=+@-]", RegexOptions.Multiline), csv);
        Assert.DoesNotContain('\u001b', csv);
        Assert.All((string[])["=1", " =1", "\"=1", "+1", "-1", "@x", "\t=1", "\u200b=1"], text => Assert.DoesNotMatch("^\"?[=+@\\t-]", Codomyrmex.Networking.Scanning.Internal.CsvReport.Cell(text)));
    }

    [Fact, Trait("Cve", "21")]
    public async Task Html_page_fetches_nothing_and_runs_nothing_of_a_servers()
    {
        var html = await WriteAsync(SampleReport.Whole, ScanReportFormat.Html);
        Assert.DoesNotContain("<script>alert", html);
        Assert.DoesNotContain('\u001b', html);
        Assert.DoesNotContain('\u202e', html);
        Assert.Equal(1, Regex.Count(html, "<script"));
        Assert.DoesNotMatch("(src|href|action)=|url\\(|@import|https?://", html);
        Assert.DoesNotContain("{{", html);
        foreach (var (element, directive) in (ValueTuple<string, string>[])[("style", "style-src"), ("script", "script-src")])
        {
            var digest = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Regex.Match(html, $"<{element}>(.*?)</{element}>", RegexOptions.Singleline).Groups[1].Value)));
            Assert.Contains($"{directive} 'sha256-{digest}'", html);
        }
        Assert.DoesNotMatch("style=\"|onclick=", html);
        foreach (var shown in (string[])["Tom &amp; Jerry&#39;s page", "OpenSSH 9.2p1", "expired", "TLS 1.0", "99.99 %", "Packets were lost", "192.0.2.9: left out by the scope."])
            Assert.Contains(shown, html);
        // It is well-formed but for what HTML leaves out.
        Assert.Equal(Regex.Count(html, "<tr"), Regex.Count(html, "</tr>"));
        Assert.Equal(Regex.Count(html, "<div"), Regex.Count(html, "</div>"));
    }

    [Fact]
    public async Task Report_without_findings_is_written_in_every_format()
    {
        foreach (var format in Enum.GetValues<ScanReportFormat>())
            Assert.NotEmpty(await WriteAsync(SampleReport.Of() with { Targets = "", Ports = "" }, format));
    }
}
