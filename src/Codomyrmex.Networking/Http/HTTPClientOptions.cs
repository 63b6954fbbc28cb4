using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Http;

/// <summary>The settings of an <see cref="HTTPClient"/>. Immutable, checked once when the client is made.</summary>
public sealed record HTTPClientOptions
{
    /// <summary>The defaults.</summary>
    public static HTTPClientOptions Default { get; } = new();

    /// <summary>
    /// The URL that relative URLs are resolved against (RFC 3986, section 5): <c>users</c> replaces what stands behind the last <c>/</c> of its path. With one set, an absolute URL of another origin is refused unless
    /// <see cref="AllowOtherOrigins"/>. The default value is null.
    /// </summary>
    public string? BaseUrl { get; init; }

    /// <summary>Whether absolute URLs may leave the origin of <see cref="BaseUrl"/>. The default value is false.</summary>
    public bool AllowOtherOrigins { get; init; }

    /// <summary>Fields sent with every request. The default value is null.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>
    /// Query parameters appended to every request. One with a secret's name (<c>api_key</c>, <c>token</c> …) goes only to the origin of
    /// <see cref="BaseUrl"/>, or to the first origin used. The default value is empty.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Credentials, sent only to the origin they are bound to. The default value is null.</summary>
    public Credential? Credential { get; init; }

    /// <summary>The <c>User-Agent</c> field; null sends none. The default value names this library.</summary>
    public string? UserAgent { get; init; } = "codomyrmex-networking/0.1";

    /// <summary>Whether gzip, deflate, br and zstd bodies are asked for and decoded. The default value is true.</summary>
    public bool Decompress { get; init; } = true;

    /// <summary>The HTTP version. The default value is <see cref="HttpVersionChoice.Negotiate"/>.</summary>
    public HttpVersionChoice Version { get; init; } = HttpVersionChoice.Negotiate;

    /// <summary>Timeouts.</summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>Redirect rules.</summary>
    public RedirectOptions Redirects { get; init; } = RedirectOptions.Default;

    /// <summary>Retry rules.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>Response limits.</summary>
    public ResponseLimits Limits { get; init; } = ResponseLimits.Default;

    /// <summary>How long <c>DisposeAsync</c> waits for calls under way; zero cuts them off at once. The default value is 5 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How connections are made.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>A private cache (RFC 9111); may be shared by clients. The default value is null: none.</summary>
    public HttpCache? Cache { get; init; }

    /// <summary>Keeps cookies and sends them where they belong (RFC 6265bis); may be shared by clients. The default value is null: no cookies.</summary>
    public CookieJar? Cookies { get; init; }

    /// <summary>
    /// Remembers which hosts are for https alone (RFC 6797) and never speaks plain http to them; may be shared by clients. The default value is null: nothing is
    /// remembered.
    /// </summary>
    public HstsStore? Hsts { get; init; }

    /// <summary>
    /// Whether identical GETs that are under way at the same time are sent once, and all get that answer. Streamed calls are not shared, nor is a
    /// failure. The default value is false.
    /// </summary>
    public bool CoalesceRequests { get; init; }

    /// <summary>How much is asked of one host at most, by all callers together. The default value is null: no limit.</summary>
    public HostLimitOptions? HostLimits { get; init; }

    /// <summary>When a host that keeps failing is left alone for a while. The default value is null: never.</summary>
    public CircuitBreakerOptions? CircuitBreaker { get; init; }

    /// <summary>When a second attempt is made beside a slow one. The default value is null: never.</summary>
    public HedgingOptions? Hedging { get; init; }

    /// <summary>
    /// Whether every POST and PATCH without an <c>Idempotency-Key</c> gets a random one: the same for all its attempts and redirects, another for every
    /// call. Such calls are retried like idempotent ones, so the server must know the field. The default value is false.
    /// </summary>
    public bool AutoIdempotencyKeys { get; init; }

    /// <summary>Wraps every call, the first one outermost. The default value is empty.</summary>
    public IReadOnlyList<Middleware> Middleware { get; init; } = [];

    /// <summary>
    /// Sends the requests in place of the client's own connections: a mock, a recording, a handler made by <c>IHttpMessageHandlerFactory</c>. It
    /// must follow no redirects and decode nothing, since the client does; it is not disposed with the client. <see cref="Transport"/> then
    /// contributes the policy alone, and no address can be checked. The default value is null: none.
    /// </summary>
    public HttpMessageHandler? MessageHandler { get; init; }

    /// <summary>
    /// Whether <see cref="MessageHandler"/> may be used under a restrictive egress policy, which cannot see what it connects to. The default value is
    /// false: it is refused.
    /// </summary>
    public bool MessageHandlerTrustedForEgress { get; init; }

    /// <summary>Writes down every request that goes to the wire, secrets masked; may be shared by clients. The default value is null: nothing is.</summary>
    public HarRecorder? Har { get; init; }

    /// <summary>Where events are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The clock for deadlines, delays and timings. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Query, "HTTPClientOptions.Query");
        ArgumentNullException.ThrowIfNull(Timeouts, "HTTPClientOptions.Timeouts");
        ArgumentNullException.ThrowIfNull(Redirects, "HTTPClientOptions.Redirects");
        ArgumentNullException.ThrowIfNull(Retry, "HTTPClientOptions.Retry");
        ArgumentNullException.ThrowIfNull(Limits, "HTTPClientOptions.Limits");
        ArgumentNullException.ThrowIfNull(Transport, "HTTPClientOptions.Transport");
        ArgumentNullException.ThrowIfNull(Clock, "HTTPClientOptions.Clock");
        ArgumentNullException.ThrowIfNull(Middleware, "HTTPClientOptions.Middleware");
        if (Middleware.Contains(null!))
            throw new ArgumentException("One of them is null.", "HTTPClientOptions.Middleware");
        if (!Enum.IsDefined(Version))
            throw new ArgumentOutOfRangeException("HTTPClientOptions.Version", Version, "There is no such version.");
        if (BaseUrl is not null && RequestUrl.ParseAbsolute(BaseUrl, "HTTPClientOptions.BaseUrl") is { Query.Length: > 0 } or { Fragment.Length: > 0 })
            throw new ArgumentException("A base has no query and no fragment: they would vanish. Set HTTPClientOptions.Query.", "HTTPClientOptions.BaseUrl");
        if (UserAgent is not null)
            FieldRules.CheckValue("User-Agent", UserAgent);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero, "HTTPClientOptions.DrainTimeout");
        Timeouts.Validate();
        Redirects.Validate();
        Retry.Validate();
        Limits.Validate();
        HostLimits?.Validate();
        CircuitBreaker?.Validate();
        Hedging?.Validate();
        Transport.Validate();
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("BaseUrl = ").Append(BaseUrl is null ? "none" : Redactor.Redact(BaseUrl)).Append(", Version = ").Append(Version)
            .Append(", Timeouts = ").Append(Timeouts).Append(", Retry = ").Append(Retry).Append(", Transport = ").Append(Transport);
        return true;
    }
}
