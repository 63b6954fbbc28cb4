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
        var asked = CacheControl.Parse(CacheRecord.FieldOf(wire, "Cache-Control"));
        // A caller with conditions of his own keeps a store of his own.
        if (asked.NoStore || Array.Exists(Conditions, wire.Headers.NonValidated.Contains))
            return next.SendAsync(exchange, wire, cancellationToken);
        return GetAsync(exchange, wire, asked, cancellationToken);
    }

    private async Task<HttpResponseMessage> GetAsync(HttpExchange exchange, WireRequest wire, CacheControl asked, CancellationToken cancellationToken)
    {
        var clock = exchange.Clock;
        var caller = CacheRecord.CallerOf(wire, CredentialStep.IdentityOf(exchange, wire));
        var stored = cache.Find(CacheRecord.UrlOf(wire), caller, wire);
        var requestedAt = clock.GetUtcNow();
        if (stored?.Judge(asked, requestedAt) is { } outcome and not CacheOutcome.None)
            return Serve(exchange, stored, wire, outcome, requestedAt);
        if (asked.OnlyIfCached)
            return new HttpResponseMessage(HttpStatusCode.GatewayTimeout) { RequestMessage = wire };
        if (stored is not null)
            AskWhetherItHolds(wire, stored);

        HttpResponseMessage message;
        try
        {
            message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or NetworkException and not PolicyException && stored?.MayReplaceFailure(asked, clock.GetUtcNow()) == true)
        {
            return Serve(exchange, stored, wire, CacheOutcome.Stale, clock.GetUtcNow());
        }
        var receivedAt = clock.GetUtcNow();
        if (stored is not null && message.StatusCode == HttpStatusCode.NotModified)
        {
            var refreshed = stored.Refreshed(CacheRecord.Of(message, wire, caller, requestedAt, receivedAt) ?? stored.Record);
            message.Dispose();
            cache.Store(refreshed);
            return Serve(exchange, refreshed, wire, CacheOutcome.Revalidated, receivedAt);
        }
        if ((int)message.StatusCode is 500 or 502 or 503 or 504 && stored?.MayReplaceFailure(asked, receivedAt) == true)
        {
            message.Dispose();
            return Serve(exchange, stored, wire, CacheOutcome.Stale, receivedAt);
        }
        exchange.CacheOutcome = CacheOutcome.Miss;
        if (CacheRecord.MayStore(message) && CacheRecord.Of(message, wire, caller, requestedAt, receivedAt) is { } record)
            message.Content = new CapturedContent(message.Content, cache.Options.EntryBytes, body => Store(record, body));
        return message;
    }

    private void Store(CacheRecord record, byte[]? body)
    {
        if (body is not null)
            cache.Store(new CacheEntry(record, body));
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
