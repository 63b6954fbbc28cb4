using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>forget</c>: deletes what the fleet keeps of campaigns and crawls that are over.</summary>
internal static class ForgetCommand
{
    public static Command Make() => new("forget", "ID", "delete a campaign or a crawl that is over, and what it found", [FleetOptionTable.Forgetting, FleetOptionTable.Connection, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        MostPositionals = 1,
        Details =
        [
            "One that is not over is left alone: cancel ends it. What is interrupted is gone from status, and deleted wholly by the next run. One that there is not is forgotten already.",
            "With --json a line {\"id\":\"…\",\"state\":\"forgotten\"} for each.",
        ],
        Examples = ["forget 5f3a90c1", "forget --all --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var isAll = run.Arguments.Has(FleetOptionTable.All);
        if (isAll == run.Arguments.Positionals.Count > 0)
            throw new UsageException(isAll ? "--all and an ID exclude each other." : "forget needs ID, or --all for everything that is over.", FleetOptionTable.All.Name);
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        if (!isAll)
            await fleet.ForgetAsync(run.Arguments.Positionals[0], run.Context.Interrupted);
        foreach (var id in isAll ? await fleet.ForgetAllAsync(run.Context.Interrupted) : run.Arguments.Positionals)
            CampaignDocument.WriteState(run, id, "forgotten");
        return ExitCodes.Done;
    }
}
