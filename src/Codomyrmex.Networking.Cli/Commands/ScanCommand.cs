using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>scan</c>: which ports of which hosts answer, and what listens there.</summary>
internal static class ScanCommand
{
    public static Command Make() => new("scan", "TARGET…", "find open ports and what listens there, within what you may scan",
        [ScanOptions.What, ScanOptions.How, ScanOptions.Services, ScanOptions.Reports, ConnectionOptions.Way, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = int.MaxValue,
        Details =
        [
            "A target is a name (all its addresses), an address, a network (192.0.2.0/24), a range (192.0.2.1-20), @FILE with targets in lines, or - for standard input. More than 16 " +
            "addresses of the public internet need a --scope: {\"allow\":[\"192.0.2.0/24\",\"*.example.com\"],\"deny\":[\"192.0.2.7\"],\"ports\":\"1-1024\",\"until\":\"2026-12-31\"}.",
            "Open ports are shown as they are found. With --json each is a line {\"host\":\"…\",\"address\":\"…\",\"port\":22,\"protocol\":\"tcp\",\"state\":\"open\",\"reason\":\"syn-ack\",\"service\":\"ssh\"," +
            "\"banner\":\"…\",\"rttMs\":0.3}, with product, version, http, tls and sshHostKey where they are known; --diff adds lines {\"change\":{…}}, and the last line is " +
            "{\"summary\":{\"hosts\":1,\"ports\":1024,\"open\":3,\"closed\":…,\"filtered\":…,\"elapsedMs\":…,\"recall\":…,\"confidence\":…}}.",
            "The name of a service is what answered (--banner), or what the port is assigned to. Recall is the share of ports known to answer that answered again while the scan went on.",
        ],
        Examples =
        [
            "scan 127.0.0.1 -p all", "scan 10.0.0.0/24 -p top:100,u:53 --banner --tls --html report.html", "scan db.example.com -p 1-1024,!22 --json",
            "scan 10.0.0.0/16 -p 22 --resume scan.state --rate 2000", "scan 10.0.0.0/24 -p 443 --tls --diff last-week.json", "scan @hosts.txt --scope contract.json --plan",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var settings = await ScanSettings.ReadAsync(run);
        if (run.Arguments.Has(ScanOptions.Plan))
        {
            ScanPlanDocument.Write(run, settings);
            return ExitCodes.Done;
        }
        using var reports = new ScanReports(run.Arguments);
        return await new ScanJob(run, settings, reports).RunAsync();
    }
}
