using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>scan</c>: begins a campaign and shows what it finds.</summary>
internal static class CampaignCommand
{
    public static Command Make() => new("scan", "TARGET…", "find open ports with all machines of the fleet, within what you may scan",
        [FleetOptionTable.What, FleetOptionTable.How, FleetOptionTable.Services, FleetOptionTable.Watching, FleetOptionTable.Connection, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 1,
        MostPositionals = int.MaxValue,
        Details =
        [
            "Targets, ports and scope are written as for codonet scan. The caps hold for all machines together. Open ports are shown as they are written down, each once. Ctrl-C pauses the campaign: " +
            "nothing more is sent, and nothing is lost.",
            "With --json each open port is a line as of codonet scan, and the last line is {\"summary\":{\"id\":\"…\",\"state\":\"completed\",\"hosts\":…,\"ports\":…,\"open\":…,\"closed\":…,\"filtered\":…," +
            "\"probes\":…,\"elapsedMs\":…}}; with --detach it is one document {\"id\":\"…\"}.",
        ],
        Examples = ["scan 10.0.0.0/16 -p 22,80,443 --rate 5000 --per-network 50", "scan @hosts.txt -p top:100 --banner --scope contract.json --json", "scan 10.0.0.0/8 -p 443 --rate 20000 --detach"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var plan = await FleetSettings.ReadPlanAsync(run, hasId: false);
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        var id = await fleet.StartAsync(plan, run.Context.Interrupted);
        if (run.Arguments.Has(FleetOptionTable.Detach))
        {
            CampaignDocument.WriteId(run, id);
            return ExitCodes.Done;
        }
        return await FleetWatch.RunAsync(run, fleet, id);
    }
}
