using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Sends a second request beside one that is slow to be answered, and takes the better answer.</summary>
internal sealed class HedgingStep(HedgingOptions options, LimiterStep? limits, WireStep next) : WireStep
{
    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
        HttpExchange.IsIdempotent(wire.Method) && wire.Content is null or BodyContent { Body.IsReplayable: true }
            ? RaceAsync(exchange, wire, cancellationToken)
            : next.SendAsync(exchange, wire, cancellationToken);

    private async Task<HttpResponseMessage> RaceAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        // What signs a message or answers a challenge does so for each one anew: the copy is of what it was before.
        var unsigned = CredentialStep.Completes(exchange, wire) ? Copy(wire) : null;
        var race = HedgeRaces.Rent(exchange.Clock);
        race.Follow(cancellationToken);
        var first = next.SendAsync(exchange, wire, race.Token);
        var isOver = first.IsCompleted || await race.WaitAsync(first, options.Delay).ConfigureAwait(false);
        if (!isOver && Hedge(exchange, wire, unsigned) is { } copy)
            return await ChooseAsync(exchange, first, (wire, race.Cancel), copy, cancellationToken).ConfigureAwait(false);
        try
        {
            return await first.ConfigureAwait(false);
        }
        finally
        {
            // Over HTTP/2 a body may still be on its way out when the answer's fields are here: what cancels it then must stay.
            if (isOver && wire.Content is null)
                HedgeRaces.Return(race);
        }
    }

    /// <summary>The second request, where the host's budget and limits have room for one.</summary>
    private WireRequest? Hedge(HttpExchange exchange, WireRequest wire, WireRequest? unsigned)
    {
        var host = exchange.HostOf(wire);
        var budget = exchange.Session.Pool.Budgets.For(host.Host, host.Port, exchange.Retry);
        // Without retries nobody else pays in.
        if (exchange.Retry.Retries == 0)
            budget.Deposit(exchange.Retry);
        if (!budget.TryWithdraw())
            return null;
        var copy = unsigned ?? Copy(wire);
        copy.Restart();
        if (limits?.TryEnter(exchange, copy) != false)
            return copy;
        budget.Refund();
        return null;
    }

    private static WireRequest Copy(WireRequest wire)
    {
        var copy = wire.Again();
        copy.Content = (wire.Content as BodyContent)?.Again();
        return copy;
    }

    private async Task<HttpResponseMessage> ChooseAsync(
        HttpExchange exchange, Task<HttpResponseMessage> first, (WireRequest Wire, Action Cancel) one, WireRequest copy, CancellationToken cancellationToken)
    {
        // Not disposed: the other one may end later, and is cancelled through it.
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var second = SendHedgeAsync(exchange, copy, source.Token);
        var early = await Task.WhenAny(first, second).ConfigureAwait(false);
        var late = early == first ? second : first;
        if (!IsUsable(early, exchange))
        {
            await Task.WhenAny(late).ConfigureAwait(false);
            // An answer of any kind is better than none; of two of a kind, the first one counts.
            var lateIsBetter = IsUsable(late, exchange) || (!early.IsCompletedSuccessfully && late.IsCompletedSuccessfully) ||
                (late == first && early.IsCompletedSuccessfully == late.IsCompletedSuccessfully);
            if (lateIsBetter)
                (early, late) = (late, early);
        }
        var isFirst = early == first;
        var loser = isFirst ? copy : one.Wire;
        loser.Detach();
        if (isFirst)
            await source.CancelAsync().ConfigureAwait(false);
        else
            one.Cancel();
        _ = LetGoAsync(late, loser);
        return await early.ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendHedgeAsync(HttpExchange exchange, WireRequest copy, CancellationToken cancellationToken)
    {
        HttpResponseMessage? message = null;
        try
        {
            message = await next.SendAsync(exchange, copy, cancellationToken).ConfigureAwait(false);
            return message;
        }
        finally
        {
            limits?.Answered(limits.Of(exchange, copy), exchange, message);
        }
    }

    private static bool IsUsable(Task<HttpResponseMessage> answer, HttpExchange exchange) =>
        answer.IsCompletedSuccessfully && (int)answer.Result.StatusCode is var status && status < 500 && !exchange.Retry.Statuses.Contains(status);

    private static async Task LetGoAsync(Task<HttpResponseMessage> loser, WireRequest wire)
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // It lost, however it ended.
        }
        wire.Finish();
    }
}
