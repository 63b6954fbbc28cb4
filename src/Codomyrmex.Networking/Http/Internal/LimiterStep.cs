using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Waits until the limits of the host have room, and learns from the answer what the host allows.</summary>
internal sealed class LimiterStep(HostLimitOptions options, HostTable<HostLimiter> limiters, WireStep next) : WireStep
{
    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var limiter = Of(exchange, wire);
        await EnterAsync(limiter, exchange, wire, cancellationToken).ConfigureAwait(false);
        if (options.Concurrency is not null)
            wire.WhenOver(limiter.Left);
        HttpResponseMessage? message = null;
        try
        {
            message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Answered(limiter, exchange, message);
        }
        if (options is { Shared: not null, FollowsServer: true })
            await ReportAsync(exchange, wire, message, cancellationToken).ConfigureAwait(false);
        return message;
    }

    /// <summary>Tells a limiter how a request that it let through has ended; without a message where it failed.</summary>
    public void Answered(HostLimiter limiter, HttpExchange exchange, HttpResponseMessage? message)
    {
        var tokens = exchange.Options.TokenCost;
        if (message is null || !options.FollowsServer)
        {
            limiter.Answered(tokens);
            return;
        }
        var said = RateLimitReading.Read(message, exchange.Clock);
        limiter.Answered(tokens, said is null ? [] : said.Quotas, Pause(message, exchange.Clock));
        RateLimitReading.Return(said);
    }

    /// <summary>The limiter of a request's host.</summary>
    public HostLimiter Of(HttpExchange exchange, WireRequest wire)
    {
        if (options.Key is not null)
            return limiters.For(options.Key(wire.RequestUri!), 0);
        var host = exchange.HostOf(wire);
        return limiters.For(host.Host, host.Port);
    }

    /// <summary>The same for a request that goes beside another one, and only where there is room at once.</summary>
    public bool TryEnter(HttpExchange exchange, WireRequest wire)
    {
        var limiter = Of(exchange, wire);
        // A shared limit would have to be asked, which takes as long as it takes.
        if (options.Shared is not null || !limiter.TryEnter(exchange.Options.TokenCost))
            return false;
        if (options.Concurrency is not null)
            wire.WhenOver(limiter.Left);
        return true;
    }

    private ValueTask EnterAsync(HostLimiter limiter, HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var demand = new LimitDemand(exchange.HostOf(wire), exchange.Options.TokenCost, exchange.Options.Priority, exchange.Deadline);
        if (options.Shared is not null)
            return TakeTurnAsync(limiter, options.Shared, demand, exchange, wire, cancellationToken);
        var entering = limiter.EnterAsync(demand, cancellationToken);
        return entering.IsCompletedSuccessfully ? entering : WaitAsync(entering, wire);
    }

    private static async ValueTask WaitAsync(ValueTask entering, WireRequest wire)
    {
        await entering.ConfigureAwait(false);
        wire.Restart();
    }

    /// <summary>Waits for its turn here, then for room there. One at a time asks there: the others keep their order here.</summary>
    private async ValueTask TakeTurnAsync(
        HostLimiter limiter, ISharedLimiter shared, LimitDemand demand, HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var start = exchange.Clock.GetTimestamp();
        var allowed = limiter.Allowed(demand);
        await limiter.EnterAsync(demand, cancellationToken).ConfigureAwait(false);
        try
        {
            var wanted = new SharedDemand(KeyOf(exchange, wire), options.RequestsPerSecond, options.Burst, demand.Tokens);
            while (await shared.TakeAsync(wanted, cancellationToken).ConfigureAwait(false) is { Ticks: > 0 } wait)
            {
                if (wait > allowed - exchange.Clock.GetElapsedTime(start))
                    throw Refusal.NoRoom(demand, wait, options, exchange.Clock);
                // In whole milliseconds, as timers count, and never at once: the store would be stormed.
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 86_400_000)), exchange.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            limiter.GiveBack(demand.Tokens);
            throw;
        }
        limiter.Asked();
        wire.Restart();
    }

    private async Task ReportAsync(HttpExchange exchange, WireRequest wire, HttpResponseMessage message, CancellationToken cancellationToken)
    {
        var pause = Pause(message, exchange.Clock);
        var said = RateLimitReading.Read(message, exchange.Clock);
        if (pause is null && said is null)
            return;
        try
        {
            await options.Shared!.ReportAsync(new SharedReport(KeyOf(exchange, wire), pause, said is null ? [] : [.. said.Quotas]), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    private string KeyOf(HttpExchange exchange, WireRequest wire) => options.Key?.Invoke(wire.RequestUri!) ?? exchange.HostOf(wire).ToString();

    private static TimeSpan? Pause(HttpResponseMessage message, TimeProvider clock) =>
        (int)message.StatusCode is 429 or 503 ? RetryAfter.Of(message, clock) : null;
}
