namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>One dial under way: runs each step within the limit of its phase and notes how long it took.</summary>
internal sealed class DialSteps(Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
{
    public DialTrace Trace => trace;

    /// <summary>Runs a step. Our limit becomes our exception; the caller's cancellation stays what it is.</summary>
    public async Task<T> RunAsync<T>(NetworkPhase phase, Func<CancellationToken, Task<T>> step)
    {
        trace.Phase = phase;
        var start = trace.Clock.GetTimestamp();
        var (limit, code, property) = LimitOf(phase);
        using var timer = new CancellationTokenSource(limit, trace.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var waitingAt = trace.Underlay?.WaitingAt ?? [];
            throw new NetworkFailure
            {
                Code = code,
                Message = $"{ErrorCodes.Find(code)!.Summary[..^1]} ({limit.TotalSeconds:0.###} s, {property}) for {trace.Endpoint}{(waitingAt.Count > 0 ? $", at {waitingAt[^1]}" : "")}.",
                Layers = waitingAt,
                Phase = phase,
                Endpoint = trace.Endpoint,
            }.ToException();
        }
        finally
        {
            trace.Took(phase, trace.Clock.GetElapsedTime(start));
        }
    }

    private (TimeSpan Limit, string Code, string Property) LimitOf(NetworkPhase phase) => phase switch
    {
        NetworkPhase.Resolve => (timeouts.Resolve, ErrorCodes.TimeoutResolve, "Timeouts.Resolve"),
        NetworkPhase.Tls => (timeouts.Tls, ErrorCodes.TimeoutTls, "Timeouts.Tls"),
        _ => (timeouts.Connect, ErrorCodes.TimeoutConnect, "Timeouts.Connect"),
    };
}
