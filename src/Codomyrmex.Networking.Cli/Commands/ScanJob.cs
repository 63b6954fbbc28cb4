using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>One scan: findings as they come, progress beside them, reports and the summary at the end, however it ends.</summary>
internal sealed class ScanJob(Invocation run, ScanSettings settings, ScanReports reports)
{
    public async Task<int> RunAsync()
    {
        using var deadline = new CancellationTokenSource(run.Arguments.Value(ScanOptions.Timeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan, run.Context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, run.Context.Interrupted);
        var scan = new PortScanner(settings.Options).ScanStreamAsync(settings.Plan, either.Token);
        var results = new List<PortResult>();
        run.Progress = () => $"{results.Count} ports were reported";
        await using (var view = new ScanView(run, () => ScanView.Rows(scan.Statistics)))
        {
            try
            {
                await foreach (var result in scan)
                {
                    results.Add(result);
                    view.Show(result);
                }
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                // What was found until now is told all the same.
            }
        }
        var report = scan.ReportOf(results);
        await reports.WriteAsync(report);
        if (settings.Before is { } before)
            ScanDocument.WriteChanges(run, ScanDiff.Between(before, report));
        ScanDocument.WriteSummary(run, report);
        if (run.Context.Interrupted.IsCancellationRequested)
            return ExitCodes.Interrupted;
        return either.IsCancellationRequested ? throw TooLong() : ExitCodes.Done;
    }

    private NetworkException TooLong() => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = $"The scan was not over within {run.Arguments.Text(ScanOptions.Timeout)}.",
        Phase = NetworkPhase.Connect,
        WasSent = WasSent.Maybe,
    }.ToException();
}
