using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Fleet.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>Watches a campaign or a crawl to its end: what is found as it is written down, and beneath it how far it has come. Interrupted, it pauses it.</summary>
internal static class FleetWatch
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(Invocation run, FleetClient fleet, string id)
    {
        var status = await WatchAsync(run, fleet, id, fleet.GetCampaignAsync, FleetText.Rows, fleet.FindingsAsync, finding => ScanDocument.Write(run, finding));
        CampaignDocument.WriteSummary(run, status);
        return CodeOf(status.State);
    }

    public static async Task<int> RunCrawlAsync(Invocation run, FleetClient fleet, string id)
    {
        var status = await WatchAsync(run, fleet, id, fleet.GetCrawlAsync, FleetText.Rows, fleet.PagesAsync, page => PageRecordDocument.Write(run, page));
        PageRecordDocument.WriteSummary(run, status);
        return CodeOf(status.State);
    }

    private static int CodeOf(CampaignState state) => state == CampaignState.Completed ? ExitCodes.Done : ExitCodes.Interrupted;

    private static async Task<TStatus> WatchAsync<TStatus, TFound>(
        Invocation run, FleetClient fleet, string id, Func<string, CancellationToken, Task<TStatus>> look, Func<TStatus, string[]> rows,
        Func<string, bool, CancellationToken, IAsyncEnumerable<TFound>> follow, Action<TFound> show)
    {
        var status = await look(id, run.Context.Interrupted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Context.Interrupted);
        var looking = LookAsync();
        var wasInterrupted = false;
        try
        {
            await using var view = new ScanView(run, () => rows(status));
            await foreach (var found in follow(id, true, run.Context.Interrupted))
                view.Show(() => show(found));
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
        return await look(id, parting.Token);

        async Task LookAsync()
        {
            try
            {
                while (true)
                {
                    await Task.Delay(BetweenLooks, run.Context.Clock, over.Token);
                    status = await look(id, over.Token);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or NetworkException)
            {
                // What is found tells whether it goes on.
            }
        }
    }
}
