using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// An HTTP client: a session of headers, credentials and settings over a pool of connections. Thread-safe; make one and keep it.
/// </summary>
/// <remarks>
/// Every call either returns a <see cref="Response"/>, whatever its status, or throws a <see cref="NetworkException"/>; the caller's
/// own cancellation stays <see cref="OperationCanceledException"/>; a wrong argument is an <see cref="ArgumentException"/>, thrown at once
/// and not through the task.
/// </remarks>
public sealed partial class HTTPClient : IDisposable, IAsyncDisposable
{
    private const string ReflectionJson = "JSON by reflection; use the overload with JsonTypeInfo in trimmed programs and under Native AOT.";

    private readonly HandlerPool _pool;
    private Session _session;
    private int _disposed;

    /// <summary>Makes a client.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public HTTPClient(HTTPClientOptions? options = null)
    {
        options ??= HTTPClientOptions.Default;
        options.Validate();
        _pool = new HandlerPool(options.Clock).Share();
        _session = new Session(options, options.Headers is null ? new HeaderMap() : new HeaderMap(options.Headers), _pool);
    }

    /// <summary>A client of our own errands over the connections of another.</summary>
    internal HTTPClient(HTTPClientOptions options, HandlerPool pool) : this(options, new HeaderMap(), pool, null)
    {
    }

    private HTTPClient(HTTPClientOptions options, HeaderMap headers, HandlerPool pool, Session? before)
    {
        options.Validate();
        _pool = pool.Share();
        _session = new Session(options, headers, pool, before);
    }

    /// <summary>The client's settings.</summary>
    public HTTPClientOptions Options => _session.Options;

    /// <summary>Makes a client: the quick way in.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    public static HTTPClient Create(HTTPClientOptions? options = null) => new(options);

    /// <summary>
    /// A client with other settings that shares this one's connections. Both are to be disposed; the connections close with the last.
    /// </summary>
    /// <param name="change">Makes the new settings from this client's.</param>
    public HTTPClient With(Func<HTTPClientOptions, HTTPClientOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var session = _session;
        var options = change(session.Options) ?? throw new ArgumentException("It made no settings: null.", nameof(change));
        var headers = ReferenceEquals(options.Headers, session.Options.Headers) ? session.Headers : options.Headers is null ? new HeaderMap() : new HeaderMap(options.Headers);
        return new HTTPClient(options, headers, _pool, session);
    }

    /// <summary>
    /// Sets fields for every request from now on; each replaces the field of its name, the others stay. Requests under way keep theirs.
    /// Secret fields (<c>Authorization</c>, <c>Cookie</c>, <c>X-Api-Key</c> …) are credentials: they go only to the origin of
    /// <see cref="HTTPClientOptions.BaseUrl"/>, or to the first origin they are sent to.
    /// </summary>
    /// <param name="headers">The fields.</param>
    public void SetHeaders(HeaderMap headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        while (true)
        {
            var before = Volatile.Read(ref _session);
            var after = new Session(before.Options, before.Headers.Over(headers), _pool, before);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _session, after, before), before))
                return;
        }
    }

    /// <summary>Takes fields away from every request from now on. Requests under way keep theirs.</summary>
    /// <param name="names">Their names, in any case; those that are not there do not matter.</param>
    public void RemoveHeaders(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        while (true)
        {
            var before = Volatile.Read(ref _session);
            var headers = new HeaderMap(before.Headers.Where(field => !names.Contains(field.Key, StringComparer.OrdinalIgnoreCase)));
            var after = new Session(before.Options, headers, _pool, before);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _session, after, before), before))
                return;
        }
    }

    /// <summary>Sends GET and reads the whole body.</summary>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="options">What is special about this request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<Response> GetAsync(string url, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, url, null, options, cancellationToken);

    /// <summary>Sends HEAD.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<Response> HeadAsync(string url, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Head, url, null, options, cancellationToken);

    /// <summary>Sends DELETE and reads the whole body.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<Response> DeleteAsync(string url, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, url, null, options, cancellationToken);

    /// <summary>Sends OPTIONS and reads the whole body.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<Response> OptionsAsync(string url, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Options, url, null, options, cancellationToken);

    /// <summary>Sends POST with a body and reads the whole answer.</summary>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="options">What is special about this request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [OverloadResolutionPriority(1)]
    public Task<Response> PostAsync(string url, RequestBody? body = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, url, body, options, cancellationToken);

    /// <summary>Sends POST with an object as JSON and reads the whole answer.</summary>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="json">The object, serialised by reflection with web naming.</param>
    /// <param name="options">What is special about this request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public Task<Response> PostAsync(string url, object json, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, url, RequestBody.Json(json), options, cancellationToken);

    /// <summary>Sends POST with an object as JSON by source-generated metadata and reads the whole answer.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="json">The object.</param>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="options">What is special about this request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<Response> PostAsync<T>(string url, T json, JsonTypeInfo<T> typeInfo, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, url, RequestBody.Json(json, typeInfo), options, cancellationToken);

    /// <summary>Sends PUT with a body and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync(string, RequestBody?, RequestOptions?, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<Response> PutAsync(string url, RequestBody? body = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, url, body, options, cancellationToken);

    /// <summary>Sends PUT with an object as JSON and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync(string, object, RequestOptions?, CancellationToken)"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public Task<Response> PutAsync(string url, object json, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, url, RequestBody.Json(json), options, cancellationToken);

    /// <summary>Sends PUT with an object as JSON by source-generated metadata and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync{T}(string, T, JsonTypeInfo{T}, RequestOptions?, CancellationToken)"/>
    public Task<Response> PutAsync<T>(string url, T json, JsonTypeInfo<T> typeInfo, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, url, RequestBody.Json(json, typeInfo), options, cancellationToken);

    /// <summary>Sends PATCH with a body and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync(string, RequestBody?, RequestOptions?, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<Response> PatchAsync(string url, RequestBody? body = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, url, body, options, cancellationToken);

    /// <summary>Sends PATCH with an object as JSON and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync(string, object, RequestOptions?, CancellationToken)"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public Task<Response> PatchAsync(string url, object json, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, url, RequestBody.Json(json), options, cancellationToken);

    /// <summary>Sends PATCH with an object as JSON by source-generated metadata and reads the whole answer.</summary>
    /// <inheritdoc cref="PostAsync{T}(string, T, JsonTypeInfo{T}, RequestOptions?, CancellationToken)"/>
    public Task<Response> PatchAsync<T>(string url, T json, JsonTypeInfo<T> typeInfo, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, url, RequestBody.Json(json, typeInfo), options, cancellationToken);

    /// <summary>Sends a request and reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<Response> SendAsync(Request request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Dispatch(request, isStreamed: false, cancellationToken);
    }

    /// <summary>Sends a request and returns when its fields have arrived; the body is read from <see cref="Response.OpenStream"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call, reading the body included.</param>
    public Task<Response> StreamAsync(Request request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Dispatch(request, isStreamed: true, cancellationToken);
    }

    /// <summary>Sends GET and returns when the fields have arrived; the body is read from <see cref="Response.OpenStream"/>.</summary>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="options">What is special about this request.</param>
    /// <param name="cancellationToken">Cancels the call, reading the body included.</param>
    public Task<Response> StreamAsync(string url, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(new Request("GET", url) { Options = options ?? RequestOptions.Default }, cancellationToken);

    /// <summary>
    /// The request as it would be sent, and sends nothing: absolute URL, the client's fields, query and credentials in it. Middleware is
    /// not asked, nor are credentials that answer, fetch or sign; one without an origin stays without one.
    /// </summary>
    /// <param name="request">The request.</param>
    public Request Prepare(Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        FieldRules.CheckMethod(request.Method);
        var session = Volatile.Read(ref _session);
        var target = RequestTarget.Of(session, request.Url, request.Options, binds: false);
        return new Request(request.Method, RequestUrl.Text(target.Uri))
        {
            Body = request.Body,
            Options = request.Options with { Headers = WireRequests.Fields(session, target, request.Options), Query = [], Credential = null, IdempotencyKey = null, IsPrepared = true },
        };
    }

    /// <summary>
    /// This client as a handler for programs and SDKs that bring their own <see cref="HttpClient"/>: their requests get this client's
    /// policy, limits, credentials, retries and redirects. Its failures are the platform's, with ours as the inner exception: a
    /// <see cref="HttpRequestException"/>; a <see cref="TaskCanceledException"/> for timeouts; an <see cref="IOException"/> from bodies.
    /// </summary>
    /// <param name="ownsClient">Whether disposing the handler disposes this client. The default value is false.</param>
    /// <remarks>A caller that retries by itself multiplies the attempts: give it a client with <c>RetryOptions.None</c>.</remarks>
    public HttpMessageHandler ToMessageHandler(bool ownsClient = false) => new ClientMessageHandler(this, ownsClient);

    /// <summary>What the pool of connections holds now, for each host; of all clients that share it. May be asked after the client's end.</summary>
    public PoolStatistics GetPoolStatistics() => _pool.Statistics;

    /// <summary>
    /// Closes the connections, unless another client shares them: idle ones at once, others when the requests on them are done. No call can
    /// begin any more.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _pool.Release();
    }

    /// <summary>
    /// Lets calls under way end, for <see cref="HTTPClientOptions.DrainTimeout"/> at most, then closes every connection, also under those
    /// that are not done. Where another client shares the connections it leaves them and their calls alone. No call can begin any more.
    /// </summary>
    public ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _disposed, 1) == 0 ? _pool.ReleaseAsync(Options.DrainTimeout) : ValueTask.CompletedTask;

    private Task<Response> SendAsync(HttpMethod method, string url, RequestBody? body, RequestOptions? options, CancellationToken cancellationToken)
    {
        var session = Volatile.Read(ref _session);
        return session.Options.Middleware.Count == 0
            ? Run(session, method, url, body, options ?? RequestOptions.Default, isStreamed: false, cancellationToken)
            : Dispatch(new Request(method.Method, url) { Body = body, Options = options ?? RequestOptions.Default }, isStreamed: false, cancellationToken);
    }

    private Task<Response> Dispatch(Request request, bool isStreamed, CancellationToken cancellationToken)
    {
        var session = Volatile.Read(ref _session);
        Func<Request, CancellationToken, Task<Response>> send = (r, ct) =>
            Run(session, MethodOf(r.Method), r.Url, r.Body, r.Options, isStreamed, ct);
        for (var i = session.Options.Middleware.Count - 1; i >= 0; i--)
        {
            var (middleware, next) = (session.Options.Middleware[i], send);
            send = (r, ct) => middleware(r, next, ct);
        }
        return send(request, cancellationToken);
    }

    private Task<Response> Run(
        Session session, HttpMethod method, string url, RequestBody? body, RequestOptions options, bool isStreamed, CancellationToken cancellationToken)
    {
        _pool.Enter();
        HttpExchange exchange;
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            exchange = Exchange(session, method, url, body, options, isStreamed);
        }
        catch
        {
            _pool.Leave();
            throw;
        }
        return Operation.RunAsync(exchange, cancellationToken).AsTask();
    }

    private static HttpExchange Exchange(Session session, HttpMethod method, string url, RequestBody? body, RequestOptions options, bool isStreamed)
    {
        options.Validate();
        var settings = session.Options;
        if (settings.AutoIdempotencyKeys)
            options = IdempotencyKeys.Given(options, method);
        var target = RequestTarget.Of(session, url, options);
        var timeouts = options.Timeouts ?? settings.Timeouts;
        var now = settings.Clock.GetTimestamp();
        var shared = options.Budget is { } budget ? options.Deadline.Earlier(budget.Deadline) : options.Deadline;
        return new HttpExchange
        {
            StartedAt = now,
            EndsAt = Deadline.After(timeouts.Total, settings.Clock, now).Earlier(shared).EndOn(settings.Clock),
            Session = session,
            Handler = options.Transport is null && options.Limits is null
                ? session.Handler
                : session.Pool.Get(options.Transport ?? settings.Transport, (options.Limits ?? settings.Limits).HeaderBytes, settings.MessageHandler),
            Method = method,
            Url = target,
            Body = body,
            Options = options,
            IsStreamed = isStreamed,
        };
    }

    private static HttpMethod MethodOf(string method)
    {
        FieldRules.CheckMethod(method);
        return HttpMethod.Parse(method);
    }
}
