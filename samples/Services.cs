using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Samples;

/// <summary>What listens on open ports, reports of it, and what changed.</summary>
public static class Services
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: identify
        var scanner = new PortScanner("127.0.0.1", new PortScannerOptions { Identify = new ServiceIdentifier().IdentifyAsync });
        var open = await scanner.ScanAsync(PortSet.Parse($"{server.Port},!22"), ct);
        foreach (var port in open.Report.Results)
            await output.WriteLineAsync($"{port.Port}: {port.Service}, {port.Service?.HttpStatus}");
        // end

        // sample: report
        using var page = new MemoryStream();
        await ScanReportFile.WriteAsync(open.Report, page, ScanReportFormat.Html, ct);
        using var lines = new MemoryStream();
        await ScanReportFile.WriteAsync(open.Report, lines, ScanReportFormat.JsonLines, ct);
        // end

        // sample: diff
        lines.Position = 0;
        var before = await ScanReportFile.ReadAsync(lines, ct);
        var after = await scanner.ScanAsync(PortSet.Of(server.Port), ct);
        foreach (var change in ScanDiff.Between(before, after.Report).Changes)
            await output.WriteLineAsync(change.ToString());
        // end

        // sample: probe
        async ValueTask<ServiceInfo?> AskAsync(PortResult port, Stream connection, CancellationToken stop)
        {
            await connection.WriteAsync("VERSION\r\n"u8.ToArray(), stop);
            var answer = new byte[64];
            var count = await connection.ReadAsync(answer, stop);
            return answer.AsSpan(0, count).StartsWith("ACME "u8) ? new ServiceInfo { Name = "acme" } : null;
        }
        var identifier = new ServiceIdentifier(new ServiceIdentifierOptions { Probes = [AskAsync] });
        // end
        await output.WriteLineAsync((await identifier.IdentifyAsync(open.Report.Results[0], ct))?.Name);

        // sample: scope
        var scope = ScanScope.Parse("""{ "name": "contract 42", "allow": ["10.0.0.0/24", "*.example.com:443"], "deny": ["10.0.0.7"], "until": "2026-12-31" }""");
        var plan = new ScanPlan { Targets = ScanTargets.Parse("10.0.1.0/24"), Ports = PortSet.Top(100), Scope = scope };
        // end
        await output.WriteLineAsync($"{plan.Targets.AddressCount}: {scope.CheckHost("10.0.1.1").Rule ?? "as its addresses are"}");
    }
}
