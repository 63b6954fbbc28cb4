using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Execution.Internal;

/// <summary>
/// The straight line of whatever can be tried again as a whole, of every client: scope → policy → deadline and retry → error map → attempt. What comes back
/// is a result, a <see cref="NetworkException"/>, or the caller's own cancellation.
/// </summary>
internal static class Operation
{
    // Its state is pooled: the task that callers wait for is the one allocation of this line.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<TResult> RunAsync<TResult>(Exchange<TResult> exchange, CancellationToken cancellationToken)
    {
        var scope = OperationScope<TResult>.Start(exchange);
        try
        {
            PolicyGate.Demand(exchange.CheckPolicy(), exchange.Endpoint);
            exchange.Budget?.Deposit(exchange.Retry);
            for (var attempt = 0; ; attempt++)
            {
                var timer = PhaseTimers.Rent(exchange.Clock);
                var timerIsTaken = false;
                TimeSpan wait;
                try
                {
                    timer.Start(attempt == 0 ? exchange.StartedAt : exchange.Clock.GetTimestamp(), exchange.EndsAt, cancellationToken);
                    var result = await exchange.AttemptAsync(timer).ConfigureAwait(false);
                    if (NextWait(exchange, result, attempt) is not { } delay)
                    {
                        timerIsTaken = exchange.TakesTimer(result);
                        scope.Succeed(result);
                        return result;
                    }
                    wait = delay;
                    (exchange.Failed ??= []).Add(exchange.Discard(result));
                }
                catch (Exception error) when (exchange.Explain(error, timer) is { } failure)
                {
                    if (NextWait(exchange, failure, attempt) is not { } delay)
                        throw ReferenceEquals(failure, error) ? Rethrow(failure) : failure;
                    wait = delay;
                    (exchange.Failed ??= []).Add(new Attempt(LastAddress(failure), exchange.Clock.GetElapsedTime(timer.StartedAt), failure.Code));
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    // The token that the caller passed, not the one that we linked to it.
                    throw new OperationCanceledException(cancellationToken);
                }
                finally
                {
                    if (!timerIsTaken)
                        PhaseTimers.Return(timer);
                }
                scope.Retrying(exchange.Failed[^1], attempt + 1, wait);
                await Task.Delay(wait, exchange.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NetworkException failure)
        {
            Complete(exchange, failure);
            scope.Fail(failure);
            throw;
        }
        catch
        {
            scope.Cancel();
            throw;
        }
        finally
        {
            exchange.Ended();
        }
    }

    /// <summary>How long to wait before a failed attempt is repeated; null to give up. Who refuses for the sake of a limit is not asked again at once.</summary>
    private static TimeSpan? NextWait<TResult>(Exchange<TResult> exchange, NetworkException failure, int attempt) =>
        failure.IsTransient && failure is not (NetworkTimeoutException { Kind: TimeoutKind.Total } or RateLimitException) && exchange.CanRepeat(failure.WasSent)
            ? Backoff.Next(exchange.Retry, exchange.Budget, attempt, exchange.Deadline, failure.RetryAfter)
            : null;

    /// <summary>The same for a result that is not the one hoped for.</summary>
    private static TimeSpan? NextWait<TResult>(Exchange<TResult> exchange, TResult result, int attempt)
    {
        var advice = exchange.Judge(result);
        if (!advice.IsRetriable || !exchange.CanRepeat(WasSent.Yes) || attempt >= exchange.Retry.Retries)
            return null;
        if (advice.After is { } after && after > exchange.Retry.RetryAfterCap)
            throw exchange.TooLongToWait(result, after);
        return Backoff.Next(exchange.Retry, exchange.Budget, attempt, exchange.Deadline, advice.After);
    }

    // Not in the handler that calls it: a loop in there (the list) would keep the runtime from compiling the whole line for what it meets.
    private static void Complete<TResult>(Exchange<TResult> exchange, NetworkException failure) => failure.Complete(failure.Failure with
    {
        Endpoint = failure.Endpoint ?? exchange.Endpoint,
        Elapsed = exchange.Clock.GetElapsedTime(exchange.StartedAt),
        Attempts = exchange.Failed is { } failed ? [.. failed, .. failure.Attempts] : failure.Attempts,
    });

    private static string LastAddress(NetworkException failure) =>
        failure.Attempts.Count > 0 ? failure.Attempts[^1].Address : failure.Endpoint?.ToString() ?? "-";

    private static NetworkException Rethrow(NetworkException failure)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return failure;
    }
}
