using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// An HTTP response. Buffered responses hold their body in pooled memory: <see cref="Content"/> is valid until <see cref="Dispose"/>,
/// which gives the memory back; not disposing one is safe and costs garbage. Streamed responses hold a connection and must be disposed.
/// Reading is thread-safe for a buffered response; a streamed body has one reader.
/// </summary>
public sealed partial class Response : IDisposable, IAsyncDisposable
{
    private readonly HttpExchange _exchange;
    private readonly HttpResponseMessage _message;
    private readonly long _headersAt;
    // A ResponseStream, or the bytes: a streamed body that is buffered later gives up its stream.
    private object? _body;
    private int _length;
    private long _doneAt;
    private Details? _details;
    private bool _disposed;

    internal Response(HttpExchange exchange, HttpResponseMessage message, List<RedirectHop>? history, long headersAt)
    {
        _exchange = exchange;
        _message = message;
        if (history is not null)
            _details = new Details { History = history };
        _headersAt = _doneAt = headersAt;
    }

    /// <summary>The status code (RFC 9110, section 15).</summary>
    public int Status => (int)_message.StatusCode;

    /// <summary>Whether the status is 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The reason phrase; empty under HTTP/2.</summary>
    public string Reason => _message.ReasonPhrase ?? "";

    /// <summary>The HTTP version spoken.</summary>
    public Version Version => _message.Version;

    /// <summary>The URL that answered: the last one where redirects were followed.</summary>
    public Uri Url => Wire.RequestUri!;

    /// <summary>The method of the request that was answered; a redirect may have changed it.</summary>
    public string Method => Wire.Method.Method;

    /// <summary>The redirects that were followed, in order.</summary>
    public IReadOnlyList<RedirectHop> History => _details?.History ?? [];

    /// <summary>The fields of the response.</summary>
    public HeaderMap Headers => (_details ??= new Details()).Headers ??= ReadHeaders();

    /// <summary>The cookies that the response sets (RFC 6265), attributes as the server sent them.</summary>
    public IReadOnlyList<Cookie> Cookies => SetCookie.Parse(Headers.GetAll("Set-Cookie"), Url);

    /// <summary>The links of the <c>Link</c> fields (RFC 8288).</summary>
    public IReadOnlyList<WebLink> Links => LinkField.Parse(Headers.GetAll("Link"), Url);

    /// <summary>The media type without parameters, lower case; null where the server named none.</summary>
    public string? ContentType => MediaType.Parse(Field("Content-Type")).Type;

    /// <summary>Where the time went.</summary>
    public RequestTimings Timings
    {
        get
        {
            var trace = Wire.IsReused ? null : Wire.Connection?.Trace;
            var clock = _exchange.Clock;
            return new RequestTimings(trace?.Resolve, trace?.Connect, trace?.Proxy, trace?.Tls,
                clock.GetElapsedTime(Wire.StartedAt, _headersAt), clock.GetElapsedTime(_exchange.StartedAt, Volatile.Read(ref _doneAt)));
        }
    }

    /// <summary>The address that answered, or the proxy's; null over a Unix-domain socket or a stream of the caller's.</summary>
    public EndPoint? RemoteAddress => Wire.Connection?.Trace.Remote;

    /// <summary>What the connection lies on, the lowest layer first, and how long each took to make, though it was made for an earlier request; empty where that is not known.</summary>
    public IReadOnlyList<TransportLayer> Layers => Wire.Connection?.Trace.Layers ?? [];

    /// <summary>What the cache did; <see cref="CacheOutcome.None"/> without one.</summary>
    public CacheOutcome Cache => _exchange.CacheOutcome;

    /// <summary>Whether the connection had served another request before.</summary>
    public bool IsReused => Wire.IsReused;

    /// <summary>What TLS agreed on; null without TLS.</summary>
    public TlsFacts? Tls => Wire.Connection?.Trace.TlsFacts;

    /// <summary>Every attempt, failed ones first; the last one is this response's.</summary>
    public IReadOnlyList<Attempt> Attempts => _exchange.Failed is { } failed ? [.. failed, ThisAttempt] : [ThisAttempt];

    /// <summary>How long the server asks to wait (<c>Retry-After</c>), where it does.</summary>
    public TimeSpan? RetryAfter => Http.Internal.RetryAfter.Of(_message, _exchange.Clock);

    /// <summary>
    /// The service's own code for an error, such as <c>SlowDown</c> or <c>ThrottlingException</c>: from <c>x-amzn-errortype</c> or <c>x-ms-error-code</c>, else from a buffered body in JSON or XML. Null
    /// for statuses below 400, and where there is none.
    /// </summary>
    public string? ErrorCode => Status < 400 ? null : ErrorCodeText.Plain(Field("x-amzn-errortype") ?? Field("x-ms-error-code")) ?? (_body is byte[] body ? ErrorCodeText.InBody(body.AsSpan(0, _length)) : null);

    /// <summary>What the server says about its limits; quotas are empty where it says nothing. Read once, when first asked for.</summary>
    public RateLimitInfo RateLimits => (_details ??= new Details()).RateLimits ??= RateLimitReading.Of(_message, _exchange.Clock, _exchange.Clock.GetUtcNow() - _exchange.Clock.GetElapsedTime(_headersAt));

    /// <summary>The body of a buffered response; empty without one. Valid until the response is disposed.</summary>
    /// <exception cref="InvalidOperationException">The response is streamed; read <see cref="OpenStream"/> or call <see cref="BufferAsync"/>.</exception>
    /// <exception cref="ObjectDisposedException">The response has been disposed.</exception>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_body is ResponseStream)
                throw new InvalidOperationException("The response is streamed; read OpenStream(), or call BufferAsync() first.");
            return (_body as byte[]).AsMemory(0, _length);
        }
    }

    /// <summary>
    /// The body as text: by the charset of <c>Content-Type</c>, else a byte order mark, else a <c>meta</c> element of HTML, else UTF-8
    /// where it is valid, else Windows-1252.
    /// </summary>
    public string Text => (_details ??= new Details()).Text ??= TextDecoding.Decode(Content.Span, MediaType.Parse(Field("Content-Type")));

    /// <summary>The body as JSON.</summary>
    /// <exception cref="HTTPException">The body is not JSON (<c>http.decode</c>).</exception>
    public JsonElement Json()
    {
        try
        {
            using var document = JsonDocument.Parse(JsonBytes());
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    /// <summary>The body as an object, by source-generated metadata: fit for trimming and Native AOT.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <exception cref="HTTPException">The body is not such JSON (<c>http.decode</c>).</exception>
    public T? Json<T>(JsonTypeInfo<T> typeInfo)
    {
        try
        {
            return JsonSerializer.Deserialize(JsonBytes().Span, typeInfo);
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    /// <summary>The body as an object, by reflection with web naming.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <exception cref="HTTPException">The body is not such JSON (<c>http.decode</c>).</exception>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public T? Json<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(JsonBytes().Span, JsonDefaults.Web);
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    /// <summary>Throws unless <see cref="IsSuccess"/>; returns the response otherwise.</summary>
    /// <exception cref="HTTPException">The status is not a success (<c>http.status</c>), with the body's beginning and problem details.</exception>
    public Response EnsureSuccess() => IsSuccess ? this : throw StatusFailure.Of(this);

    /// <summary>Status, reason, URL and size; never a header's value.</summary>
    public override string ToString() => $"{Status} {Reason} {Redactor.Redact(Url.ToString())} ({_length} bytes)";

    /// <summary>Gives back the body's memory, or closes the connection of a body that was not read to its end.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        var body = Interlocked.Exchange(ref _body, null);
        (body as ResponseStream)?.Dispose();
        Wire.Finish();
        _message.Dispose();
        if (body is byte[] { Length: > 0 } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    // An exchange makes no other request once it has answered.
    private WireRequest Wire => _exchange.Wire!;

    /// <summary>Whether there is a body to look into: buffered from the start, or later.</summary>
    internal bool IsBuffered => _body is byte[];

    internal bool? ShouldRetry => RateLimitReading.ShouldRetry(_message);

    internal string? RequestId => Field("x-request-id") ?? Field("request-id");

    internal Endpoint Endpoint => Networking.Endpoint.Of(Url);

    internal Attempt ThisAttempt => new(Wire.Connection?.Trace.Remote?.ToString() ?? Endpoint.ToString(),
        _exchange.Clock.GetElapsedTime(Wire.StartedAt, _doneAt), null, Status);

    /// <summary>Where a redirect leads, as it came. Two fields contradict each other: the line break between them makes them no URL.</summary>
    internal string? RedirectLocation =>
        Redirect.IsRedirect(Status) && _message.Headers.NonValidated.TryGetValues("Location", out var values) ? string.Join('\n', values) : null;

    internal string? Field(string name)
    {
        if (_message.Headers.NonValidated.TryGetValues(name, out var values))
            return values.ToString();
        return _message.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : null;
    }

    private ReadOnlyMemory<byte> JsonBytes()
    {
        var bytes = Content;
        return bytes.Span.StartsWith(TextDecoding.Utf8Mark) ? bytes[TextDecoding.Utf8Mark.Length..] : bytes;
    }

    private HTTPException NotJson(JsonException error) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpDecode,
        Message = IsSuccess
            ? $"The body from {Endpoint} is not the JSON expected: {error.Message}"
            : $"{Endpoint} answered {Status} {Reason}".TrimEnd() + $", and what it says is not the JSON expected: {error.Message}",
        Hint = IsSuccess
            ? $"It is called {ContentType ?? "nothing"} by the server; its beginning is kept (HTTPException.BodyExcerpt)."
            : "Look at the status before the body (Response.EnsureSuccess); the body's beginning is kept (HTTPException.BodyExcerpt).",
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint,
        WasSent = WasSent.Yes,
        RequestId = RequestId,
    }, error)
    { Status = Status, BodyExcerpt = StatusFailure.Excerpt(this) };

    private HeaderMap ReadHeaders()
    {
        var map = new HeaderMap();
        foreach (var (name, values) in _message.Headers.NonValidated)
        {
            foreach (var value in values)
                map.AddReceived(name, value);
        }
        foreach (var (name, values) in _message.Content.Headers.NonValidated)
        {
            foreach (var value in values)
                map.AddReceived(name, value);
        }
        return map;
    }

    /// <summary>What most callers do not ask for.</summary>
    private sealed class Details
    {
        public IReadOnlyList<RedirectHop> History { get; init; } = [];

        public HeaderMap? Headers { get; set; }

        public string? Text { get; set; }

        public RateLimitInfo? RateLimits { get; set; }

        public Exception? Broken { get; set; }
    }
}
