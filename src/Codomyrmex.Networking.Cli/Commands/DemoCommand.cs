using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>demo</c>: everything the library does, against servers in this very process.</summary>
internal static class DemoCommand
{
    public static Command Make() => new("demo", "", "start the lab in this process and walk through what the library does", [GeneralOptions.Plain], RunAsync)
    {
        Details = ["Nothing leaves this machine. The exit code is 0 only where every step did what it should."],
        Examples = ["demo", "demo --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var clock = run.Context.Clock;
        var start = clock.GetTimestamp();
        var outcomes = new List<DemoOutcome>();
        run.Progress = () => $"{outcomes.Count} steps were done";
        var width = run.Context.IsOutTerminal ? run.Context.Width() : int.MaxValue;
        await using var lab = await Lab.StartAsync(0, 0, run.Context.Interrupted);
        if (!run.IsJson)
            DemoText.WriteHead(run.Out, lab);
        foreach (var step in DemoSteps.All(lab))
        {
            var outcome = await RunAsync(step, clock, run.Context.Interrupted);
            if (!run.IsJson)
                DemoText.Write(run.Out, outcome, isFirst: outcomes.Count == 0 || outcomes[^1].Step.Chapter != step.Chapter, width);
            outcomes.Add(outcome);
        }
        var elapsed = clock.GetElapsedTime(start);
        if (run.IsJson)
            DemoText.WriteDocument(run.Context.Out, outcomes, elapsed);
        else
            DemoText.WriteEnd(run.Out, outcomes, elapsed);
        return outcomes.TrueForAll(outcome => outcome.IsOk) ? ExitCodes.Done : ExitCodes.Defect;
    }

    private static async Task<DemoOutcome> RunAsync(DemoStep step, TimeProvider clock, CancellationToken interrupted)
    {
        var start = clock.GetTimestamp();
        try
        {
            return new DemoOutcome(step, true, await step.RunAsync(interrupted), clock.GetElapsedTime(start));
        }
        catch (Exception error) when (!interrupted.IsCancellationRequested)
        {
            return new DemoOutcome(step, false, error.Message, clock.GetElapsedTime(start));
        }
    }
}
