using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Makes the message for one hop: version, fields, and the credentials that belong to its origin.</summary>
internal static class WireRequests
{
    // A connection that closes under a request makes the platform send the request again, whatever its method, unless the sending of
    // a body has begun. On the wire an empty body looks like none: both have "Content-Length: 0".
    private static readonly BytesBody NoBytes = new(default, null);

    public static WireRequest Make(HttpExchange exchange, ParsedUrl url, HttpMethod method, RequestBody? body, PhaseTimer timer, long startedAt, bool isFollowUp)
    {
        var session = exchange.Session;
        var wire = new WireRequest(method, url.Uri, exchange.Timeouts, timer, startedAt)
        {
            IsFollowUp = isFollowUp,
            Budget = exchange.Options.Budget,
            Ledger = url.LedgerOf(exchange.Handler.Ledger),
        };
        SetVersion(wire, exchange.Options.Version ?? session.Options.Version, exchange.Handler);
        if (body is not null)
            wire.Content = new BodyContent(body, exchange.Options.UploadProgress);
        else if (!HttpExchange.IsIdempotent(method))
            wire.Content = new BodyContent(NoBytes, null);

        var own = exchange.Options.Headers;
        var named = exchange.Options.NamedUrl;
        var reach = named is null && url.Origin == exchange.Url.Origin ? FieldReach.Origin : FieldReaches.Between(named ?? exchange.Url.Uri, url.Uri);
        AddFields(wire, session, own, reach, exchange.Redirects);
        if (own is not null)
            AddOwn(wire, own, reach, exchange.Redirects);
        AddCredentials(wire, session, exchange.Options, exchange.Url, url, own, binds: true);
        if (exchange.Options.IdempotencyKey is { } key)
            wire.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (exchange.Handler.SendsToProxy(url.Uri) && ProxyTunnel.BasicCredentials(exchange.Handler.Options.Proxy!) is { } proxyCredentials)
            wire.Headers.TryAddWithoutValidation("Proxy-Authorization", proxyCredentials);
        return wire;
    }

    /// <summary>The fields of a request's first hop, for one that is not sent.</summary>
    public static HeaderMap Fields(Session session, ParsedUrl url, RequestOptions options)
    {
        using var wire = new HttpRequestMessage { Content = new ByteArrayContent([]) };
        AddFields(wire, session, options.Headers, FieldReach.Origin, RedirectOptions.None);
        if (options.Headers is not null)
            AddOwn(wire, options.Headers, FieldReach.Origin, RedirectOptions.None);
        AddCredentials(wire, session, options, url, url, options.Headers, binds: false);
        if (options.IdempotencyKey is { } key)
            wire.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (options.UseCookies && !wire.Headers.NonValidated.Contains("Cookie") && session.Options.Cookies?.HeaderFor(url.Uri, url.Endpoint.Host) is { } cookies)
            wire.Headers.TryAddWithoutValidation("Cookie", cookies);
        var fields = new HeaderMap();
        foreach (var (name, values) in wire.Headers.NonValidated.Concat(wire.Content.Headers.NonValidated.Where(h => h.Key != "Content-Length")))
        {
            foreach (var value in values)
                fields.Add(name, value);
        }
        return fields;
    }

    private static void SetVersion(WireRequest wire, HttpVersionChoice choice, HttpHandler handler)
    {
        if (choice == HttpVersionChoice.Http3)
            QuicGate.Demand(handler.Options, handler.IsForeign, wire.RequestUri!.Scheme, Endpoint.Of(wire.RequestUri));
        if (choice == HttpVersionChoice.PreferHttp3 && (handler.Options.Policy.IsRestrictive || !QuicGate.IsSupported || QuicGate.Obstacle(handler.Options) is not null))
            choice = HttpVersionChoice.Negotiate;
        (wire.Version, wire.VersionPolicy) = choice switch
        {
            HttpVersionChoice.Http2 => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
            HttpVersionChoice.Http3 => (HttpVersion.Version30, HttpVersionPolicy.RequestVersionExact),
            HttpVersionChoice.PreferHttp3 when wire.RequestUri!.Scheme == "https" => (HttpVersion.Version30, HttpVersionPolicy.RequestVersionOrLower),
            HttpVersionChoice.Negotiate when wire.RequestUri!.Scheme == "https" => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
            _ => (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact),
        };
    }

    private static void AddFields(HttpRequestMessage wire, Session session, HeaderMap? own, FieldReach reach, RedirectOptions redirects)
    {
        foreach (var (name, value) in session.Plain)
        {
            if ((own is null || !own.Contains(name)) && reach.Goes(name, value, redirects.CarriedFields))
                Add(wire, name, value);
        }
        var options = session.Options;
        if (options.UserAgent is not null && IsFree("User-Agent", session, own))
            wire.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        if (options.Decompress && IsFree("Accept-Encoding", session, own))
            wire.Headers.TryAddWithoutValidation("Accept-Encoding", ContentDecoding.Accepted);
    }

    private static bool IsFree(string name, Session session, HeaderMap? own) =>
        (session.Headers.Count == 0 || !session.Headers.Contains(name)) && (own is null || !own.Contains(name));

    private static void AddOwn(HttpRequestMessage wire, HeaderMap own, FieldReach reach, RedirectOptions redirects)
    {
        foreach (var (name, value) in own)
        {
            if (reach.Goes(name, value, redirects.CarriedFields))
                Add(wire, name, value);
        }
    }

    private static void AddCredentials(HttpRequestMessage wire, Session session, RequestOptions options, ParsedUrl asked, ParsedUrl url, HeaderMap? own, bool binds)
    {
        // Whatever a redirect leads to: a credential without an origin belongs to the URL that the caller named.
        if (binds)
            options.Credential?.Bind(asked.Origin);
        var first = options.Credential ?? asked.Credential;
        for (var credential = first; credential is not null; credential = credential.Next)
            AddCredential(wire, credential, url, own, binds);
        foreach (var credential in session.Credentials)
        {
            // One that is set later, when it has answered or signed, has its field all the same.
            if (first?.HasAuthenticator != true || !first.Fills(credential.Header, url.Origin, binds))
                AddCredential(wire, credential, url, own, binds);
        }
    }

    private static void AddCredential(HttpRequestMessage wire, Credential credential, ParsedUrl url, HeaderMap? own, bool binds)
    {
        if (own?.Contains(credential.Header) == true || wire.Headers.NonValidated.Contains(credential.Header))
            return;
        // The same host over TLS may have what was meant for it without.
        if ((credential.ValueFor(url.Origin, binds) ?? (url.UpgradedFrom is { } plain ? credential.ValueFor(plain.Origin, binds) : null)) is { } value)
            Add(wire, credential.Header, value);
    }

    private static void Add(HttpRequestMessage wire, string name, string value)
    {
        if (wire.Headers.TryAddWithoutValidation(name, value))
            return;
        // A field of the body (Content-Type …): it replaces what the body says of itself, and has no place without one.
        if (wire.Content is null)
            return;
        wire.Content.Headers.Remove(name);
        wire.Content.Headers.TryAddWithoutValidation(name, value);
    }
}
