using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc;

/// <summary>
/// Calls of JSON-RPC 2.0 over HTTP: each is a POST, answered with JSON or with server-sent events, as the Model Context Protocol (Streamable HTTP) and A2A (JSON-RPC binding) have it.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Policy, credentials, limits, retries and timeouts are the client's. A call that is cancelled, and a stream that is left, close their exchange: that is how the peer learns of it. A POST is
/// never sent again once it may have arrived, and a stream is not resumed.
/// </remarks>
public sealed class RpcHttpClient
{
    private readonly HTTPClient _client;
    private readonly string _url;
    private readonly RpcHttpOptions _options;
    private readonly HttpPeer _peer;
    private long _lastId;

    /// <summary>Makes one; nothing is sent yet.</summary>
    /// <param name="client">Who sends the requests; not disposed of.</param>
    /// <param name="url">Where calls go; relative to the client's base, where it has one.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is none of http or https.</exception>
    public RpcHttpClient(HTTPClient client, string url, RpcHttpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(url);
        (_client, _url, _options) = (client, url, options ?? RpcHttpOptions.Default);
        var target = new Uri(client.Prepare(new Request("POST", url)).Url);
        _peer = new HttpPeer(Endpoint.Of(target));
    }

    /// <summary>Calls a method.</summary>
    /// <typeparam name="TParameters">What it takes: an object gives them by name, a list by position, anything else is the only one.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="resultType">How to read the result.</param>
    /// <param name="options">What this call has in another way; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcException">The peer answered with an error or with something else, or its answer ended before the result (<c>rpc.disconnected</c>).</exception>
    /// <exception cref="NetworkException">The request failed, or was refused by its status (<c>http.status</c>).</exception>
    public async Task<TResult?> CallAsync<TParameters, TResult>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TResult> resultType, RpcCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resultType);
        using var span = RpcTelemetry.StartCall(method, _peer.Peer);
        await foreach (var answer in AnswersAsync(method, parameters, parametersType, options, cancellationToken).ConfigureAwait(false))
            return Read(method, answer, resultType);
        throw RpcFailure.Disconnected(_peer, method, WasSent.Yes, null);
    }

    /// <summary>
    /// Calls a method that answers with a stream of results, each in an event of its own with the call's id (A2A, <c>message/stream</c>), and gives them as they come. The call is made when
    /// the first is asked for.
    /// </summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TResult">What it gives, piece by piece.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="resultType">How to read a result.</param>
    /// <param name="isLast">Whether a result is the last: a stream that ends without it ends with an error. Null where any end will do.</param>
    /// <param name="options">What this call has in another way; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcException">As for <see cref="CallAsync"/>; <c>rpc.disconnected</c> where the stream ended before its last result.</exception>
    /// <exception cref="NetworkException">The request failed, or was refused by its status (<c>http.status</c>).</exception>
    public async IAsyncEnumerable<TResult?> StreamAsync<TParameters, TResult>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TResult> resultType, Func<TResult?, bool>? isLast = null, RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resultType);
        using var span = RpcTelemetry.StartCall(method, _peer.Peer);
        await foreach (var answer in AnswersAsync(method, parameters, parametersType, options, cancellationToken).ConfigureAwait(false))
        {
            var result = Read(method, answer, resultType);
            yield return result;
            if (isLast?.Invoke(result) == true)
                yield break;
        }
        if (isLast is not null)
            throw RpcFailure.Disconnected(_peer, method, WasSent.Yes, null);
    }

    /// <summary>Sends a notification: nobody answers it.</summary>
    /// <typeparam name="TParameters">What it carries.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it carries.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">It could not be sent, or was refused by its status.</exception>
    public async Task NotifyAsync<TParameters>(string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parametersType);
        using var response = await SendAsync(new EnvelopeHead(null, method), JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType), Deadline.None, cancellationToken).ConfigureAwait(false);
        await RefuseAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<JsonElement> AnswersAsync<TParameters>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, RpcCallOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parametersType);
        var id = Interlocked.Increment(ref _lastId);
        var deadline = (options ?? RpcCallOptions.Default).Deadline;
        var head = new EnvelopeHead(id, method) { Timeout = deadline.IsFinite ? deadline.Remaining : null };
        using var response = await SendAsync(head, JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType), deadline, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccess && response.ContentType == "text/event-stream")
        {
            await foreach (var message in response.ReadEventsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                // A stream may begin with an event that carries nothing but its id.
                if (message.Data.Length > 0 && Take(Encoding.UTF8.GetBytes(message.Data), id, method) is { } piece)
                    yield return piece;
            }
            yield break;
        }
        // A peer may answer a call that it refuses with a status that says so, and an error that says more.
        await response.BufferAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess && !IsAnswer(response.Content.Span))
            response.EnsureSuccess();
        if (response.Content.IsEmpty)
            throw RpcFailure.Protocol(_peer, $"answered '{method}' with status {response.Status} and no message", null);
        if (Take(response.Content.Span, id, method) is { } answer)
            yield return answer;
    }

    private Task<Response> SendAsync(in EnvelopeHead head, ReadOnlySpan<byte> parameters, Deadline deadline, CancellationToken cancellationToken)
    {
        var headers = new HeaderMap(_options.Headers ?? []) { ["Accept"] = "application/json, text/event-stream" };
        var request = new Request("POST", _url)
        {
            Body = RequestBody.Bytes(EnvelopeWriter.Call(head, parameters), "application/json"),
            Options = new RequestOptions { Headers = headers, Deadline = deadline },
        };
        return _client.StreamAsync(request, cancellationToken);
    }

    private static async Task RefuseAsync(Response response, CancellationToken cancellationToken)
    {
        if (response.IsSuccess)
            return;
        // The error has the beginning of the body.
        await response.BufferAsync(cancellationToken).ConfigureAwait(false);
        response.EnsureSuccess();
    }

    private static bool IsAnswer(ReadOnlySpan<byte> content)
    {
        try
        {
            return Envelope.Read(content).Error is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The result, where the message is the answer; null where it is something else.</summary>
    private JsonElement? Take(ReadOnlySpan<byte> content, long id, string method)
    {
        Envelope message;
        try
        {
            message = Envelope.Read(content);
        }
        catch (FormatException error)
        {
            throw RpcFailure.Protocol(_peer, error.Message, error);
        }
        if (message.IsNotification)
            _options.Notified?.Invoke(message.Method!, message.Parameters);
        // A call of the peer's has no way back here. An error without an id is about this call: there is no other in the exchange.
        if (message.Method is not null || (message.Error is null ? !IsMine(message.Id, id) : message.Id.ValueKind != JsonValueKind.Null && !IsMine(message.Id, id)))
            return null;
        return message.Error is { } failure ? throw RpcFailure.Remote(_peer, method, failure, isStopping: false) : message.Result;
    }

    private static bool IsMine(JsonElement given, long id) => given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var number) && number == id;

    private TResult? Read<TResult>(string method, JsonElement result, JsonTypeInfo<TResult> resultType)
    {
        try
        {
            return result.Deserialize(resultType);
        }
        catch (JsonException error)
        {
            throw RpcFailure.Protocol(_peer, $"answered '{method}' with a result of another form ({error.Message.TrimEnd('.')})", error);
        }
    }
}
