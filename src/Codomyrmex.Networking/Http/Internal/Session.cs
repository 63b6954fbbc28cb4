using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A client's settings, prepared for sending. Immutable: changing headers swaps the whole of it.</summary>
internal sealed class Session
{
    public Session(HTTPClientOptions options, HeaderMap headers, HandlerPool pool)
    {
        Options = options;
        Headers = headers;
        BaseUrl = options.BaseUrl is null ? null : RequestUrl.ParseAbsolute(options.BaseUrl, nameof(options.BaseUrl));
        Pool = pool;
        Handler = pool.Get(options.Transport, options.Limits.HeaderBytes);
        var origin = BaseUrl is null ? null : RequestUrl.Origin(BaseUrl);
        Plain = [.. headers.Where(h => !Redactor.IsSecretHeader(h.Key))];
        var secrets = headers.Where(h => Redactor.IsSecretHeader(h.Key)).Select(h => Credential.FromHeader(h.Key, h.Value, origin));
        Credentials = options.Credential is null ? [.. secrets] : [.. secrets, options.Credential];
        if (options.Credential is { } credential && origin is not null)
            credential.ValueFor(origin);
    }

    public HTTPClientOptions Options { get; }

    /// <summary>The fields sent with every request, secret ones included.</summary>
    public HeaderMap Headers { get; }

    public Uri? BaseUrl { get; }

    public HandlerPool Pool { get; }

    public HttpHandler Handler { get; }

    public KeyValuePair<string, string>[] Plain { get; }

    /// <summary>What belongs to one origin only: credentials, and secret fields, each of which is one.</summary>
    public Credential[] Credentials { get; }

    public UrlCache Urls { get; } = new();

    public RetryBudget? BudgetFor(Endpoint endpoint, RetryOptions retry) =>
        retry.Retries == 0 ? null : Pool.Budgets.For(endpoint.Host, endpoint.Port, retry);
}
