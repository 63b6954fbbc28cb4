using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Scanning;

/// <summary>Reports are what those take who read them: nmap's document type, a library that reads nmap's XML, a browser; and nmap's own XML is read here.</summary>
public sealed class ReportTests
{
    private const string Title = "Tom & \"Jerry\" <b>\u001b[31m";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A scan of a few servers of the test, written to a file of the folder.</summary>
    private static async Task<(ScanReport Report, string Path)> WriteAsync(ServerFolder folder, ScanReportFormat format)
    {
        using var authority = new TestCertificateAuthority("report");
        await using var plain = LoopbackServer.Start().MapStatic("GET", "/", System.Text.Encoding.UTF8.GetBytes($"<title>{Title}</title>"), "text/html");
        await using var secure = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        var identifier = new ServiceIdentifier(ServiceIdentifierOptions.Default with { GreetingWait = TimeSpan.FromMilliseconds(50) });
        var scanner = new PortScanner("127.0.0.1", new PortScannerOptions { ReportAll = true, Identify = identifier.IdentifyAsync });
        var report = (await scanner.ScanAsync(PortSet.Of(1, plain.Port, secure.Port), Stop)).Report;
        await using var file = File.Create(folder["report"]);
        await ScanReportFile.WriteAsync(report, file, format, Stop);
        return (report, folder["report"]);
    }

    [Fact]
    public async Task Xml_is_valid_by_nmaps_document_type()
    {
        using var folder = new ServerFolder();
        var (_, path) = await WriteAsync(folder, ScanReportFormat.NmapXml);
        Assert.Equal("", await ToolRun.RunAsync("", "/bin/sh", "-c", $"xmllint --noout --nonet --dtdvalid /usr/share/nmap/nmap.dtd '{path}' 2>&1"));
    }

    [Fact]
    public async Task Xml_is_read_by_a_library_for_nmaps()
    {
        using var folder = new ServerFolder();
        var (report, path) = await WriteAsync(folder, ScanReportFormat.NmapXml);
        var script = folder.Write("read.py", $"""
            from libnmap.parser import NmapParser
            report = NmapParser.parse_fromfile('{path}')
            for host in report.hosts:
                for service in host.services:
                    print(host.address, service.port, service.protocol, service.state, service.service, service.tunnel)
            """);
        var expected = report.Results.Select(result =>
            $"127.0.0.1 {result.Port} tcp {ScanText.Of(result.State)} {result.Service?.Name ?? PortNames.OfTcp(result.Port)} {(result.Service?.Tls is null ? "" : "ssl")}".TrimEnd());
        var printed = await ToolRun.RunAsync("", "/usr/bin/python3", script);
        Assert.Equal(expected, printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task Nmaps_xml_and_ours_tell_the_same()
    {
        await using var server = LoopbackServer.Start();
        using var folder = new ServerFolder();
        await ToolRun.RunAsync("", "/usr/bin/nmap", "-sT", "-n", "-Pn", "-p", $"1,{server.Port}", "-oX", folder["nmap.xml"], "127.0.0.1");
        await using var file = File.OpenRead(folder["nmap.xml"]);
        var theirs = await ScanReportFile.ReadAsync(file, Stop);
        var ours = (await new PortScanner("127.0.0.1").ScanAsync(PortSet.Of(1, server.Port), Stop)).Report;
        var diff = ScanDiff.Between(theirs, ours);
        Assert.Empty(diff.Changes);
        Assert.Equal(0, diff.Uncompared);
        Assert.Contains(theirs.Results, result => result.Port == server.Port && result.State == PortState.Open);
    }

    [Fact]
    public async Task Page_works_in_a_browser_under_its_own_content_security_policy()
    {
        using var folder = new ServerFolder();
        var (report, path) = await WriteAsync(folder, ScanReportFormat.Html);
        File.Move(path, folder["report.html"]);
        // It draws nothing and asks nobody; what it prints is the page after its script has run.
        var page = await ToolRun.RunAsync("", "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            $"--user-data-dir={folder["profile"]}", "--dump-dom", $"file://{folder["report.html"]}");
        Assert.Contains($"<output id=\"count\" aria-live=\"polite\">{report.Results.Count} ports</output>", page);
        Assert.DoesNotMatch("id=\"filters\"[^>]*hidden", page);
        Assert.Contains("Tom &amp; \"Jerry\" &lt;b&gt;\\u001b[31m", page);
    }
}
