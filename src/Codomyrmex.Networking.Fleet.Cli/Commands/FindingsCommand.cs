using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>findings</c>: what a campaign has found.</summary>
internal static class FindingsCommand
{
    public static Command Make() => new("findings", "ID", "show the open ports that a campaign has found", [FleetOptionTable.Reading, FleetOptionTable.Connection, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 1,
        MostPositionals = 1,
        Details = ["With --json each open port is a line as of codonet scan."],
        Examples = ["findings 5f3a90c1 --json", "findings 5f3a90c1 --follow"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        await foreach (var finding in fleet.FindingsAsync(run.Arguments.Positionals[0], run.Arguments.Has(FleetOptionTable.Follow), run.Context.Interrupted))
            ScanDocument.Write(run, finding);
        return ExitCodes.Done;
    }
}
