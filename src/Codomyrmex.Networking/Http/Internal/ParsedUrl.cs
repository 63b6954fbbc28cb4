using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A URL as a request needs it: without user information, with what is derived from it.</summary>
internal sealed class ParsedUrl
{
    private ParsedUrl(Uri uri, Credential? credential)
    {
        Uri = uri;
        Endpoint = Endpoint.Of(uri);
        Origin = RequestUrl.Origin(uri);
        Credential = credential;
    }

    private Tuple<PoolLedger, HostLedger>? _counted;

    public Uri Uri { get; }

    public Endpoint Endpoint { get; }

    public string Origin { get; }

    /// <summary>The user and password that stood in the URL, bound to its origin.</summary>
    public Credential? Credential { get; }

    /// <summary>The retry budget of its host, once it has been looked up: a URL that is used again and again finds it here.</summary>
    public RetryBudget? Budget { get; set; }

    /// <summary>The plain http URL that this one stands for, since its host is for https alone; null otherwise.</summary>
    public ParsedUrl? UpgradedFrom { get; private init; }

    public static ParsedUrl Of(Uri uri)
    {
        var bare = RequestUrl.WithoutUserInfo(uri, out var userInfo);
        return new ParsedUrl(bare, userInfo is var (user, password) ? Credential.Basic(user, password, RequestUrl.Origin(bare)) : null);
    }

    /// <summary>The URL as it may be sent: over https where its host is for https alone.</summary>
    public ParsedUrl Upgraded(HstsStore? hosts) => hosts?.Upgraded(this) is { } secure ? new(secure, Credential) { UpgradedFrom = this } : this;

    /// <summary>The counters of its host. The last ones are remembered: a URL is used with one pool most of the time.</summary>
    public HostLedger LedgerOf(PoolLedger pool)
    {
        if (_counted is not var (known, host) || !ReferenceEquals(known, pool))
            _counted = new(pool, host = pool.For(Endpoint));
        return host;
    }

    /// <summary>Another URL of the same origin, with the same credential.</summary>
    public ParsedUrl WithUri(Uri uri) => new(uri, Credential);
}
