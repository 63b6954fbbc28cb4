using System.Net;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A private cache (RFC 9111) in front of the wire: answers from the store, asks the server whether what it has still holds, keeps answers.</summary>
internal sealed class CacheStep(HttpCache cache, WireStep next) : WireStep
{
    private static readonly string[] Conditions = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"];

    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        exchange.CacheOutcome = CacheOutcome.None;
        if (wire.Method != HttpMethod.Get)
            return wire.Method == HttpMethod.Head || wire.Method == HttpMethod.Options ? next.SendAsync(exchange, wire, cancellationToken) : ChangeAsync(exchange, wire, cancellationToken);
        // What a body of a GET means only the server knows (RFC 9110, section 9.3.1).
        if (wire.Content is not null)
            return next.SendAsync(exchange, wire, cancellationToken);
        var asked = CacheControl.Parse(CacheRecord.FieldOf(wire, "Cache-Control"));
        // A caller with conditions of his own keeps a store of his own.
        if (asked.NoStore || Array.Exists(Conditions, wire.Headers.NonValidated.Contains))
            return next.SendAsync(exchange, wire, cancellationToken);
        return GetAsync(exchange, wire, asked, cancellationToken);
    }

    private Task<HttpResponseMessage> GetAsync(HttpExchange exchange, WireRequest wire, CacheControl asked, CancellationToken cancellationToken)
    {
        var caller = CacheRecord.CallerOf(wire, exchange.Handler.Identity, CredentialStep.IdentityOf(exchange, wire));
        var url = CacheRecord.UrlOf(wire);
        var stored = cache.Find(url, caller, wire);
        var changes = cache.ChangesOf(url);
        var now = exchange.Clock.GetUtcNow();
        if (stored?.Judge(asked, now) is { } outcome and not CacheOutcome.None)
            return Task.FromResult(Serve(exchange, stored, wire, outcome, now));
        if (asked.OnlyIfCached)
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.GatewayTimeout) { RequestMessage = wire });
        return stored is null ? FetchAsync(exchange, wire, caller, changes, now, cancellationToken) : RevalidateAsync(exchange, wire, stored, asked, caller, changes, now, cancellationToken);
    }

    private async Task<HttpResponseMessage> FetchAsync(HttpExchange exchange, WireRequest wire, string caller, long changes, DateTimeOffset requestedAt, CancellationToken cancellationToken)
    {
        var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        FramingCheck.Demand(message, exchange.HostOf(wire));
        return Take(exchange, message, wire, caller, changes, requestedAt);
    }

    /// <summary>Asks the server whether what is stored still holds.</summary>
    private async Task<HttpResponseMessage> RevalidateAsync(
        HttpExchange exchange, WireRequest wire, CacheEntry stored, CacheControl asked, string caller, long changes, DateTimeOffset requestedAt, CancellationToken cancellationToken)
    {
        AskWhetherItHolds(wire, stored);
        var clock = exchange.Clock;
        HttpResponseMessage message;
        try
        {
            message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            FramingCheck.Demand(message, exchange.HostOf(wire));
        }
        catch (Exception error) when (error is HttpRequestException or NetworkException and not PolicyException && stored.MayReplaceFailure(asked, clock.GetUtcNow()))
        {
            return Serve(exchange, stored, wire, CacheOutcome.Stale, clock.GetUtcNow());
        }
        var receivedAt = clock.GetUtcNow();
        if (message.StatusCode == HttpStatusCode.NotModified)
        {
            var refreshed = stored.Refreshed(CacheRecord.Of(message, wire, caller, requestedAt, receivedAt) ?? stored.Record);
            message.Dispose();
            cache.Store(refreshed, changes);
            return Serve(exchange, refreshed, wire, CacheOutcome.Revalidated, receivedAt);
        }
        if ((int)message.StatusCode is 500 or 502 or 503 or 504 && stored.MayReplaceFailure(asked, receivedAt))
        {
            message.Dispose();
            return Serve(exchange, stored, wire, CacheOutcome.Stale, receivedAt);
        }
        return Take(exchange, message, wire, caller, changes, requestedAt);
    }

    /// <summary>Keeps an answer, where it may be kept, while it is read.</summary>
    private HttpResponseMessage Take(HttpExchange exchange, HttpResponseMessage message, WireRequest wire, string caller, long changes, DateTimeOffset requestedAt)
    {
        exchange.CacheOutcome = CacheOutcome.Miss;
        if (CacheRecord.MayStore(message) && CacheRecord.Of(message, wire, caller, requestedAt, exchange.Clock.GetUtcNow()) is { } record)
            Capture(message, record, changes);
        return message;
    }

    private void Capture(HttpResponseMessage message, CacheRecord record, long changes) =>
        message.Content = new CapturedContent(message, cache.Options.EntryBytes, body => Store(record, body, changes));

    private void Store(CacheRecord record, byte[]? body, long changes)
    {
        if (body is not null)
            cache.Store(new CacheEntry(record, body), changes);
    }

    // RFC 9111, section 4.4: what changes a resource makes what is known of it worthless, and of those it names within its origin.
    private async Task<HttpResponseMessage> ChangeAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        if ((int)message.StatusCode is < 200 or >= 400)
            return message;
        cache.Remove(wire.RequestUri!);
        foreach (var name in (string[])["Location", "Content-Location"])
        {
            if (CacheRecord.FieldOf(message, name) is { } place && Uri.TryCreate(wire.RequestUri, place, out var url) && RequestUrl.Origin(url) == RequestUrl.Origin(wire.RequestUri!))
                cache.Remove(url);
        }
        return message;
    }

    private static HttpResponseMessage Serve(HttpExchange exchange, CacheEntry stored, WireRequest wire, CacheOutcome outcome, DateTimeOffset now)
    {
        exchange.CacheOutcome = outcome;
        return stored.ToMessage(wire, now);
    }

    private static void AskWhetherItHolds(WireRequest wire, CacheEntry stored)
    {
        if (stored.ETag is { } tag)
            wire.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (stored.LastModified is { } date)
            wire.Headers.TryAddWithoutValidation("If-Modified-Since", date);
    }
}
