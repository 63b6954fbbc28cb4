using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Calls a tool within its time and its budget; whatever comes of it is an answer.</summary>
internal static class ToolCalling
{
    /// <summary>The code of arguments that make no sense, as on the command line.</summary>
    public const string Usage = "usage";

    public static async Task<ToolAnswer> RunAsync(Tool tool, JsonElement arguments, ToolHost host, ProgressNotes progress, CancellationToken cancellationToken)
    {
        try
        {
            var read = ToolArguments.Read(tool.Parameters, arguments);
            if (!tool.IsCharged)
                return await tool.RunAsync(new ToolRun(read, host, new BudgetLease(host.Budget, 0, TimeSpan.Zero, 0), progress, cancellationToken));
            using var lease = host.Budget.Begin(host.CallBytes, host.CallTime);
            return await RunAsync(tool, read, host, lease, progress, cancellationToken);
        }
        catch (UsageException wrong)
        {
            return ToolAnswer.Refused(Usage, wrong.Message);
        }
        catch (NetworkException error)
        {
            return ToolAnswer.Of(error, host.Clock.GetUtcNow());
        }
    }

    private static async Task<ToolAnswer> RunAsync(Tool tool, ToolArguments arguments, ToolHost host, BudgetLease lease, ProgressNotes progress, CancellationToken cancellationToken)
    {
        var time = lease.Time;
        using var late = new CancellationTokenSource(time, host.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            progress.Report(0, null, null);
            return await tool.RunAsync(new ToolRun(arguments, host, lease, progress, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = time == host.CallTime ? ErrorCodes.TimeoutTotal : ErrorCodes.BudgetTime,
                Message = $"{tool.Name} was not done within {time.TotalSeconds:0.###} s, which the operator allows {(time == host.CallTime ? "a call (--timeout)" : "all calls together (--max-seconds)")}.",
                Phase = NetworkPhase.Receive,
                Elapsed = time,
                WasSent = WasSent.Maybe,
            }.ToException();
        }
    }
}
