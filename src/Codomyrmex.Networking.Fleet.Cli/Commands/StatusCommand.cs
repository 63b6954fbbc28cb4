using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>status</c>: the fleet's machines, campaigns and crawls.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public static Command Make() => new("status", "", "show the fleet's machines, campaigns and crawls", [FleetOptionTable.Looking, FleetOptionTable.Connection, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        Details =
        [
            "With --json: {\"machines\":[{\"name\":\"…\",\"address\":\"…\",\"allowed\":…,\"probesPerSecond\":…,\"shards\":…,\"hosts\":…}],\"campaigns\":[{\"id\":\"…\",\"state\":\"running|paused|cancelled|completed\"," +
            "\"targets\":\"…\",\"ports\":\"…\",\"hosts\":…,\"cells\":…,\"cellsDone\":…,\"open\":…,\"closed\":…,\"filtered\":…,\"probes\":…,\"shards\":…,\"shardsDone\":…,\"rate\":…,\"allowed\":…," +
            "\"machines\":[…]}],\"crawls\":[{\"id\":\"c-…\",\"state\":\"…\",\"seeds\":\"…\",\"hosts\":…,\"hostsDone\":…,\"pages\":…,\"failed\":…,\"requests\":…,\"bytes\":…,\"urls\":…,\"pending\":…,\"skipped\":{…},\"machines\":[…]}]}; a cell is a pair of an address and a port, and a rate of null is one without a limit. With --watch, a line each time.",
        ],
        Examples = ["status", "status --json", "status --watch"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        do
        {
            var status = await fleet.GetStatusAsync(run.Context.Interrupted);
            if (run.IsJson)
                JsonOutput.Write(run.Context.Out, writer => FleetJson.WriteMembers(writer, status));
            else
                FleetText.Write(run.Out, status);
            if (run.Arguments.Has(FleetOptionTable.Watch))
                await Task.Delay(BetweenLooks, run.Context.Clock, run.Context.Interrupted);
        }
        while (run.Arguments.Has(FleetOptionTable.Watch));
        return ExitCodes.Done;
    }
}
