using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>agents</c>: which agents the fleet has, and where.</summary>
internal static class AgentsCommand
{
    public static Command Make() => new("agents", "", "show the fleet's agents", [FleetOptionTable.Connection, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        Details =
        [
            "An agent that was lost is shown for a day. With --json: {\"agents\":[{\"name\":\"…\",\"up\":true,\"machine\":\"…\",\"address\":\"…\",\"number\":…,\"since\":\"…\",\"renewedAt\":\"…\"}]}; the number grows " +
            "whenever the name goes to another agent.",
        ],
        Examples = ["agents", "agents --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        var agents = await fleet.GetAgentsAsync(run.Context.Interrupted);
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => FleetJson.WriteMembers(writer, agents));
        else
            FleetText.Write(run.Out, agents);
        return ExitCodes.Done;
    }
}
