using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>pause</c>, <c>resume</c> and <c>cancel</c>.</summary>
internal static class StateCommand
{
    public static Command Make(string name, string summary, string state, Func<FleetClient, string, CancellationToken, Task> change) =>
        new(name, "ID", summary, [FleetOptionTable.Connection, GeneralOptions.Plain], run => RunAsync(run, state, change))
        {
            Program = FleetCommands.Program,
            LeastPositionals = 1,
            MostPositionals = 1,
            Examples = [$"{name} 5f3a90c1"],
        };

    private static async Task<int> RunAsync(Invocation run, string state, Func<FleetClient, string, CancellationToken, Task> change)
    {
        var id = run.Arguments.Positionals[0];
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        await change(fleet, id, run.Context.Interrupted);
        CampaignDocument.WriteState(run, id, state);
        return ExitCodes.Done;
    }
}
