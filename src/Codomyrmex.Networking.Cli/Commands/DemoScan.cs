using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about port scans: of this machine alone.</summary>
internal static class DemoScan
{
    public static DemoStep[] Steps(Lab lab) =>
    [
        new("Ports", "find the servers of the lab among 65,535", ct => FindAsync(lab, ct)),
        new("Ports", "ask open ports what listens there", ct => IdentifyAsync(lab, ct)),
        new("Ports", "say what changed since the last scan", ct => CompareAsync(lab, ct)),
        new("Ports", "refuse what is out of scope", RefuseAsync),
    ];

    private static async Task<string> FindAsync(Lab lab, CancellationToken cancellationToken)
    {
        var scanner = new PortScanner("127.0.0.1");
        var open = await scanner.ScanAsync(1..65535, cancellationToken);
        foreach (var port in (int[])[lab.Http.Port, lab.Https.Port, lab.Tcp.Port])
            DemoFailure.Unless(open.Contains(port), $"port {port} was not found");
        return $"{open.Count} open, {open.Summary.Closed} closed in {Rendering.Milliseconds.Text(open.Summary.Elapsed)}";
    }

    private static async Task<string> IdentifyAsync(Lab lab, CancellationToken cancellationToken)
    {
        var scanner = new PortScanner("127.0.0.1", new PortScannerOptions { Identify = new ServiceIdentifier().IdentifyAsync });
        var open = await scanner.ScanAsync(PortSet.Of(lab.Http.Port, lab.Https.Port), cancellationToken);
        var services = open.Report.Results.ToDictionary(result => result.Port, result => result.Service);
        DemoFailure.Unless(services[lab.Https.Port]?.Tls is { Chain.Count: > 0 }, "the certificate was not told");
        var leaf = services[lab.Https.Port]!.Tls!.Chain[0];
        return $"{lab.Http.Port} is {services[lab.Http.Port]}, {lab.Https.Port} {services[lab.Https.Port]}: {leaf.Subject} by {leaf.Issuer}, to {leaf.NotAfter:yyyy-MM-dd}";
    }

    private static async Task<string> CompareAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var passing = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        var scanner = new PortScanner("127.0.0.1");
        var ports = PortSet.Of(passing.Port, lab.Http.Port);
        var before = await scanner.ScanAsync(ports, cancellationToken);
        await passing.DisposeAsync();
        var diff = ScanDiff.Between(before.Report, (await scanner.ScanAsync(ports, cancellationToken)).Report);
        DemoFailure.Unless(diff.Changes is [{ Kind: ScanChangeKind.Closed }], $"{diff.Changes.Count} changes were told");
        return diff.Changes[0].ToString();
    }

    private static async Task<string> RefuseAsync(CancellationToken cancellationToken)
    {
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = 1..100, Scope = ScanScope.Of("10.0.0.0/24") with { Name = "the contract" } };
        return DemoTrouble.Told(await DemoFailure.CatchAsync<PolicyException>(new PortScanner().ScanAsync(plan, cancellationToken), ErrorCodes.PolicyDenied));
    }
}
