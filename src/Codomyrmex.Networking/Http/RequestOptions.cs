using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http;

/// <summary>What is special about one request. What stays null is taken from the client. Immutable.</summary>
public sealed record RequestOptions
{
    /// <summary>Nothing special.</summary>
    public static RequestOptions Default { get; } = new();

    /// <summary>Fields to send; each replaces the client's field of the same name. The default value is null.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>Query parameters to append, escaped as needed. The default value is empty.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Credentials for this request. The default value is null: the client's.</summary>
    public Credential? Credential { get; init; }

    /// <summary>Timeouts for this request. The default value is null: the client's.</summary>
    public Timeouts? Timeouts { get; init; }

    /// <summary>A deadline shared with other calls; the earlier of it and <see cref="Timeouts"/>' total holds. The default value is none.</summary>
    public Deadline Deadline { get; init; }

    /// <summary>Redirect rules for this request. The default value is null: the client's.</summary>
    public RedirectOptions? Redirects { get; init; }

    /// <summary>Retry rules for this request. The default value is null: the client's.</summary>
    public RetryOptions? Retry { get; init; }

    /// <summary>Response limits for this request. The default value is null: the client's.</summary>
    public ResponseLimits? Limits { get; init; }

    /// <summary>Transport settings (policy, proxy, TLS, resolver …) for this request. The default value is null: the client's.</summary>
    public TransportOptions? Transport { get; init; }

    /// <summary>
    /// Names the session that the request belongs to: with a <see cref="ProxyPool"/>, requests of a session go through the same proxy as long
    /// as it works. The default value is null: whichever has its turn.
    /// </summary>
    public string? SessionKey { get; init; }

    /// <summary>The HTTP version for this request. The default value is null: the client's.</summary>
    public HttpVersionChoice? Version { get; init; }

    /// <summary>
    /// Whether the client's <see cref="HTTPClientOptions.Cookies"/> takes part: adds cookies, and keeps those of the answers. The default value is true.
    /// </summary>
    public bool UseCookies { get; init; } = true;

    /// <summary>
    /// An <c>Idempotency-Key</c> to send, the same on every attempt; a POST or PATCH with one is retried like an idempotent method.
    /// The default value is null.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who goes first where a host's limits make callers wait: the higher one. The default value is 0.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// The tokens that the request is expected to cost, input and output together: they are kept free in a model service's quota. The default value is 0.
    /// </summary>
    public long TokenCost { get; init; }

    /// <summary>What this call may cost together with others. The default value is null: no limit.</summary>
    public NetworkBudget? Budget { get; init; }

    /// <summary>Told how much of the body has been sent. The default value is null.</summary>
    public IProgress<TransferProgress>? UploadProgress { get; init; }

    /// <summary>Told how much of the body has been received. The default value is null.</summary>
    public IProgress<TransferProgress>? DownloadProgress { get; init; }

    /// <summary>
    /// Reads the beginning of a streamed body as part of the attempt, so that a body that breaks there is one more reason for a retry. It travels with
    /// the request, past middleware that does not know of it; requests without one do not pay for it.
    /// </summary>
    internal Func<Response, ValueTask>? FirstRead { get; init; }

    /// <summary>Whether a body is handed out in the coding that it came in, although the client decodes others.</summary>
    internal bool KeepsCoding { get; init; }

    /// <summary>The URL that the caller named, where a server has led from that to this request's; null where the caller named this one.</summary>
    internal Uri? NamedUrl { get; init; }

    /// <summary>Whether the client's query is in the URL already.</summary>
    internal bool IsPrepared { get; init; }

    /// <summary>Whether the request says that it may be sent again: by the property, or by a field of the caller's own.</summary>
    internal bool HasIdempotencyKey => IdempotencyKey is not null || Headers?.Contains("Idempotency-Key") == true;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Query, "RequestOptions.Query");
        if (Version is { } version && !Enum.IsDefined(version))
            throw new ArgumentOutOfRangeException("RequestOptions.Version", version, "There is no such version.");
        Timeouts?.Validate();
        Redirects?.Validate();
        Retry?.Validate();
        Limits?.Validate();
        Transport?.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(TokenCost, "RequestOptions.TokenCost");
        if (IdempotencyKey is null)
            return;
        ArgumentException.ThrowIfNullOrEmpty(IdempotencyKey, "RequestOptions.IdempotencyKey");
        FieldRules.CheckValue("Idempotency-Key", IdempotencyKey);
        if (Headers?.Contains("Idempotency-Key") == true)
            throw new ArgumentException("The key is given twice: set RequestOptions.IdempotencyKey or the field Idempotency-Key.", "RequestOptions.IdempotencyKey");
    }
}
