using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The time that a command as a whole may take.</summary>
internal static class TimeLimit
{
    /// <summary>Does something within the time of an option; without the option it may take as long as it takes.</summary>
    /// <param name="run">The run.</param>
    /// <param name="option">The option that says how long.</param>
    /// <param name="what">What it is for, as in "for the transfer".</param>
    /// <param name="work">What is done, with what ends it: the time, or the user.</param>
    /// <param name="endpoint">With whom, where that is one.</param>
    /// <param name="wasSent">What is known to have been sent by then.</param>
    /// <exception cref="NetworkTimeoutException"><c>timeout.total</c>: the time is over.</exception>
    public static async Task<int> WithinAsync(Invocation run, Option option, string what, Func<CancellationToken, Task<int>> work, Endpoint? endpoint = null, WasSent wasSent = WasSent.Maybe)
    {
        using var deadline = new CancellationTokenSource(run.Arguments.Value(option, DurationText.Parse) ?? Timeout.InfiniteTimeSpan, run.Context.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, run.Context.Interrupted);
        try
        {
            return await work(stop.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !run.Context.Interrupted.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTotal,
                Message = $"The deadline of {run.Arguments.Text(option)} for {what} passed.",
                Phase = NetworkPhase.Receive,
                Endpoint = endpoint,
                WasSent = wasSent,
            }.ToException();
        }
    }
}
