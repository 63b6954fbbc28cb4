using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A client's settings, prepared for sending. Immutable: changing headers swaps the whole of it.</summary>
internal sealed class Session
{
    private readonly OriginBinding? _secretQuery;

    public Session(HTTPClientOptions options, HeaderMap headers, HandlerPool pool, Session? before = null)
    {
        Options = options;
        Headers = headers;
        BaseUrl = options.BaseUrl is null ? null : RequestUrl.ParseAbsolute(options.BaseUrl, nameof(options.BaseUrl));
        Pool = pool;
        Handler = pool.Get(options.Transport, options.Limits.HeaderBytes, options.MessageHandler);
        FirstStep = WireStep.Chain(options, pool.Guards);
        var origin = BaseUrl is null ? null : RequestUrl.Origin(BaseUrl);
        Plain = [.. headers.Where(h => !Redactor.IsSecretHeader(h.Key, h.Value))];
        var secrets = headers.Where(h => Redactor.IsSecretHeader(h.Key, h.Value)).Select(h => before?.Known(h) ?? Credential.FromHeader(h.Key, h.Value, null));
        PlainQuery = [.. options.Query.Where(parameter => !Redactor.IsSecretName(parameter.Key))];
        _secretQuery = PlainQuery.Length == options.Query.Count ? null
            : before is not null && ReferenceEquals(before.Options.Query, options.Query) ? before._secretQuery : new OriginBinding();
        Credentials = [.. secrets, .. Chain(options.Credential)];
        HasAuthenticators = options.Credential?.HasAuthenticator == true;
        if (origin is null)
            return;
        Array.ForEach(Credentials, credential => credential.Bind(origin));
        _secretQuery?.Holds(origin);
    }

    public HTTPClientOptions Options { get; }

    /// <summary>The fields sent with every request, secret ones included.</summary>
    public HeaderMap Headers { get; }

    public Uri? BaseUrl { get; }

    public HandlerPool Pool { get; }

    public HttpHandler Handler { get; }

    public KeyValuePair<string, string>[] Plain { get; }

    private KeyValuePair<string, string>[] PlainQuery { get; }

    /// <summary>What belongs to one origin only: credentials, and secret fields, each of which is one.</summary>
    public Credential[] Credentials { get; }

    /// <summary>Whether one of them answers, fetches or signs.</summary>
    public bool HasAuthenticators { get; }

    /// <summary>Where every request of the session goes on its way to the wire.</summary>
    public WireStep FirstStep { get; }

    /// <summary>The query parameters for an origin: a secret among them belongs to one, like a secret field.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> QueryFor(string origin, bool binds) =>
        _secretQuery is null || (binds ? _secretQuery.Holds(origin) : _secretQuery.Origin is not { } bound || bound == origin) ? Options.Query : PlainQuery;

    public UrlCache Urls { get; } = new();

    /// <summary>The credential that a field already is: setting another field must not let it go to another origin.</summary>
    private Credential? Known(KeyValuePair<string, string> field) => Array.Find(Credentials, credential => credential.Is(field.Key, field.Value));

    public RetryBudget? BudgetFor(ParsedUrl url, RetryOptions retry) =>
        retry.Retries == 0 ? null : url.Budget ??= Pool.Budgets.For(url.Endpoint.Host, url.Endpoint.Port, retry);

    private static IEnumerable<Credential> Chain(Credential? credential)
    {
        for (; credential is not null; credential = credential.Next)
            yield return credential;
    }
}
