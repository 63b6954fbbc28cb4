using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>Watches a crawl to its end: pages as they are written down, and beneath them how far it has come.</summary>
internal static class CrawlWatch
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(Invocation run, FleetClient fleet, string id)
    {
        var status = await fleet.GetCrawlAsync(id, run.Context.Interrupted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Context.Interrupted);
        var looking = LookAsync();
        var wasInterrupted = false;
        try
        {
            await using var view = new ScanView(run, () => FleetText.Rows(status));
            await foreach (var page in fleet.PagesAsync(id, follow: true, run.Context.Interrupted))
                view.Show(() => PageRecordDocument.Write(run, page));
        }
        catch (OperationCanceledException) when (run.Context.Interrupted.IsCancellationRequested)
        {
            wasInterrupted = true;
        }
        await over.CancelAsync();
        await looking;
        using var parting = new CancellationTokenSource(Parting);
        if (wasInterrupted)
        {
            await fleet.PauseAsync(id, parting.Token);
            if (!run.IsQuiet)
                run.Error.Line($"Paused. Go on with {FleetCommands.Program} resume {id}, or end it with {FleetCommands.Program} cancel {id}.").Flush();
        }
        status = await fleet.GetCrawlAsync(id, parting.Token);
        PageRecordDocument.WriteSummary(run, status);
        return status.State == CampaignState.Completed ? ExitCodes.Done : ExitCodes.Interrupted;

        async Task LookAsync()
        {
            try
            {
                while (true)
                {
                    await Task.Delay(BetweenLooks, run.Context.Clock, over.Token);
                    status = await fleet.GetCrawlAsync(id, over.Token);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or NetworkException)
            {
                // The pages tell whether it goes on.
            }
        }
    }
}
