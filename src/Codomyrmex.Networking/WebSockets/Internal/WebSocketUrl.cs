namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Where a WebSocket is (RFC 6455, section 3). Read by the same strict reader as the URLs of HTTP, whose schemes stand for its own: <c>http</c> for <c>ws</c>.</summary>
internal sealed class WebSocketUrl
{
    private readonly Uri _uri;

    private WebSocketUrl(Uri uri)
    {
        _uri = RequestUrl.WithoutUserInfo(uri, out var login);
        Login = login;
        Endpoint = Endpoint.Of(_uri);
    }

    public Endpoint Endpoint { get; }

    public bool IsSecure => _uri.Scheme == "https";

    public string Scheme => IsSecure ? "wss" : "ws";

    /// <summary>The user and password that stood in it.</summary>
    public (string User, string Password)? Login { get; }

    /// <summary>Path and query, for the request line.</summary>
    public string Target => _uri.PathAndQuery;

    /// <summary>Host, and port where it is not the scheme's own, for the Host field.</summary>
    public string Authority => UrlAuthority.Of(Endpoint.Host, _uri.IsDefaultPort ? null : Endpoint.Port);

    /// <summary>Scheme, host and port: what credentials are bound to.</summary>
    public string Origin => RequestUrl.Origin(_uri);

    /// <summary>How far it is from the URL that the caller named.</summary>
    public FieldReach ReachFrom(WebSocketUrl asked) => FieldReaches.Between(asked._uri, _uri);

    /// <summary>The URL without user and password.</summary>
    public Uri Uri => new(ToString());

    /// <summary>Reads what a caller wrote.</summary>
    /// <exception cref="ArgumentException">It is no WebSocket URL, with the reason.</exception>
    public static WebSocketUrl Parse(string url, string parameter)
    {
        ArgumentNullException.ThrowIfNull(url, parameter);
        return Read(url, null, out var problem) ?? throw new ArgumentException($"'{RequestUrl.Shown(url)}' is not a URL to connect a WebSocket to: it {problem}.", parameter);
    }

    /// <summary>Reads where a server sends on to.</summary>
    public WebSocketUrl? ReadRedirect(string location, out string problem) => Read(location.Split('#')[0], _uri, out problem);

    public override string ToString() => $"{Scheme}://{Authority}{Target}";

    private static WebSocketUrl? Read(string url, Uri? from, out string problem)
    {
        var colon = url.AsSpan().IndexOfAny(":/?#");
        var scheme = colon >= 0 && url[colon] == ':' ? url[..colon].ToLowerInvariant() : null;
        // RFC 6455, section 3, has ws and wss alone; in a redirect, servers name the scheme of the handshake, which is HTTP's.
        problem = scheme is not (null or "ws" or "wss") && !(from is not null && scheme is ("http" or "https")) ? $"has the scheme '{Printable.Text(scheme)}'; write ws or wss"
            : scheme is null && from is null ? "is not absolute; write ws://host/path or wss://host/path"
            : url.Contains('#', StringComparison.Ordinal) ? "has a fragment, and a WebSocket has none (RFC 6455, section 3)"
            : "";
        if (problem.Length > 0)
            return null;
        if (scheme is "ws" or "wss")
            url = string.Concat("http", scheme.AsSpan(2), url.AsSpan(colon));
        return RequestUrl.Read(url, from, out problem) is { } uri ? new WebSocketUrl(uri) : null;
    }
}
