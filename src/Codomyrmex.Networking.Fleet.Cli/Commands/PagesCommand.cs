using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>pages</c>: what a crawl has visited.</summary>
internal static class PagesCommand
{
    public static Command Make() => new("pages", "ID", "show the pages that a crawl has visited", [FleetOptionTable.Reading, FleetOptionTable.Connection, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 1,
        MostPositionals = 1,
        Details = ["With --json each page is a line as of codonet-fleet crawl."],
        Examples = ["pages c-5f3a90c1 --json", "pages c-5f3a90c1 --follow"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        await foreach (var page in fleet.PagesAsync(run.Arguments.Positionals[0], run.Arguments.Has(FleetOptionTable.Follow), run.Context.Interrupted))
            PageRecordDocument.Write(run, page);
        return ExitCodes.Done;
    }
}
