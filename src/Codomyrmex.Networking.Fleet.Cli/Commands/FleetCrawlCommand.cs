using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>crawl</c>: begins a crawl and shows the pages as they are visited.</summary>
internal static class FleetCrawlCommand
{
    public static Command Make() => new("crawl", "URL…", "visit the pages of sites with all machines of the fleet, each once, as their robots.txt allows",
        [FleetOptionTable.CrawlWhat, FleetOptionTable.CrawlHow, FleetOptionTable.Watching, FleetOptionTable.Connection, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 1,
        MostPositionals = int.MaxValue,
        Details =
        [
            "Options are those of codonet crawl. A host is asked by one machine at a time, at its pace, whichever machine that is. Pages are shown as they are written down, each once. Ctrl-C pauses the crawl: " +
            "nothing more is asked, and nothing is lost.",
            "With --json each page is a line as of codonet crawl, with the machine that visited it and without change and urls, and the last line is {\"summary\":{…}} with the members of a crawl in status; with --detach it is one " +
            "document {\"id\":\"…\"}.",
            "Without --policy only the public internet is reached, and the hosts of the URLs given.",
        ],
        Examples = ["crawl https://example.com/ https://example.org/ --max-pages 100000", "crawl https://example.com/ --scope site --agent ExampleBot --contact https://example.com/bot --json", "crawl https://example.com/ --detach"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var plan = FleetSettings.ReadCrawl(run);
        await using var fleet = await FleetClient.ConnectAsync(FleetSettings.ReadClient(run), run.Context.Interrupted);
        var id = await fleet.StartAsync(plan, run.Context.Interrupted);
        if (run.Arguments.Has(FleetOptionTable.Detach))
        {
            CampaignDocument.WriteId(run, id);
            return ExitCodes.Done;
        }
        return await FleetWatch.RunCrawlAsync(run, fleet, id);
    }
}
