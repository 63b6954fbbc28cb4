using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>replan</c>: gives a campaign another plan.</summary>
internal static class ReplanCommand
{
    public static Command Make() => new("replan", "ID TARGET…", "give a campaign another plan; what is done is not asked again",
        [FleetOptionTable.What, FleetOptionTable.How, FleetOptionTable.Services, FleetOptionTable.Connection, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 2,
        MostPositionals = int.MaxValue,
        Details = ["The plan is written as for scan, as a whole: what it does not have any longer is left alone, and what is new in it is asked. A campaign that was over goes on with it."],
        Examples = ["replan 5f3a90c1 10.0.0.0/16 -p 22,80,443,8443 --rate 2000"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var plan = await FleetSettings.ReadPlanAsync(run, hasId: true);
        var id = run.Arguments.Positionals[0];
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        await fleet.ReplanAsync(id, plan, run.Context.Interrupted);
        CampaignDocument.WriteState(run, id, "running");
        return ExitCodes.Done;
    }
}
