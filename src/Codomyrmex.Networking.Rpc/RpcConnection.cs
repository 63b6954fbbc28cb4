using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Rpc;

/// <summary>
/// JSON-RPC 2.0 between two peers: calls with typed parameters and results, notifications, streamed answers, and methods that are served, both ways at the same time. Thread-safe.
/// </summary>
/// <remarks>
/// A call says how long it waits, and one that is cancelled or takes too long tells the peer so (<see cref="RpcOptions.Cancelling"/>): the token of a served method
/// fires with either. A call also says which span it belongs to (<c>traceparent</c>). Nothing is found by reflection, and no type is chosen by the peer. Batches are not taken.
/// </remarks>
public sealed partial class RpcConnection : IAsyncDisposable
{
    internal const string Reflection = "Reads and writes JSON by reflection; with trimming or native AOT, use the overload that takes JsonTypeInfo.";

    private static readonly TimeSpan ReaderLeaves = TimeSpan.FromSeconds(1);

    private readonly IRpcChannel _channel;
    private readonly RpcOptions _options;
    private readonly ConcurrentDictionary<long, PendingCall> _calls = new();
    private readonly ServedCalls _served;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;
    private NetworkException? _failure;
    private long _lastId;
    private volatile bool _isOver;
    private volatile bool _isPeerStopping;

    internal RpcConnection(IRpcChannel channel, RpcOptions? options, MessageAccount? account = null)
    {
        _channel = channel;
        _options = options ?? RpcOptions.Default;
        _options.Validate();
        _served = new ServedCalls(_options, channel.Peer, account, (message, cancellationToken) => SendAsync(null, message, cancellationToken), TrySendAsync, _stop.Token);
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>Done when the conversation is over; faulted with a <see cref="NetworkException"/> where it broke.</summary>
    public Task Completion => _receiving;

    /// <summary>Who is on the other side.</summary>
    public RpcPeer Peer => _channel.Peer;

    /// <summary>Speaks over a WebSocket, which it receives from and disposes of. Where that reconnects, calls under way fail when the answer does not come.</summary>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public static RpcConnection Over(WebSocketClient socket, RpcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new RpcConnection(new SocketChannel(socket), options);
    }

    /// <summary>Speaks over a stream that goes both ways, and disposes of it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="framing">How messages are told apart.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public static RpcConnection Over(Stream stream, RpcFraming framing = RpcFraming.Lines, RpcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!Enum.IsDefined(framing))
            throw new ArgumentOutOfRangeException(nameof(framing), framing, "There is no such framing.");
        return new RpcConnection(new StreamChannel(stream, framing, (options ?? RpcOptions.Default).MessageBytes, RpcPeer.Unknown), options);
    }

    /// <summary>Calls a method.</summary>
    /// <typeparam name="TParameters">What it takes: an object gives them by name, a list by position, anything else is the only one.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="resultType">How to read the result.</param>
    /// <param name="options">What this call has in another way than the connection.</param>
    /// <param name="cancellationToken">Gives up, and tells the peer.</param>
    /// <exception cref="RpcException">The peer answered with an error or with something else, or the conversation ended before it did.</exception>
    /// <exception cref="NetworkTimeoutException">No answer came within <see cref="RpcOptions.CallTimeout"/> or before <see cref="RpcCallOptions.Deadline"/>.</exception>
    public Task<TResult?> CallAsync<TParameters, TResult>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TResult> resultType, RpcCallOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parametersType);
        ArgumentNullException.ThrowIfNull(options);
        return CallAsync(method, JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType), resultType, options, cancellationToken);
    }

    /// <summary>Calls a method, as the connection has it.</summary>
    /// <typeparam name="TParameters">What it takes: an object gives them by name, a list by position, anything else is the only one.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="resultType">How to read the result.</param>
    /// <param name="cancellationToken">Gives up, and tells the peer.</param>
    /// <exception cref="NetworkException">As for the other overload.</exception>
    public Task<TResult?> CallAsync<TParameters, TResult>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken = default) =>
        CallAsync(method, parameters, parametersType, resultType, RpcCallOptions.Default, cancellationToken);

    /// <summary>Calls a method that takes nothing.</summary>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="resultType">How to read the result.</param>
    /// <param name="cancellationToken">Gives up, and tells the peer.</param>
    /// <exception cref="NetworkException">As for the other overload.</exception>
    public Task<TResult?> CallAsync<TResult>(string method, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken = default) =>
        CallAsync(method, [], resultType, RpcCallOptions.Default, cancellationToken);

    /// <summary>Calls a method, by reflection, with the web's names (camelCase).</summary>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes, such as <c>new { a = 1, b = 2 }</c>; null for nothing.</param>
    /// <param name="cancellationToken">Gives up, and tells the peer.</param>
    /// <exception cref="NetworkException">As for the other overload.</exception>
    [RequiresUnreferencedCode(Reflection)]
    [RequiresDynamicCode(Reflection)]
    public Task<TResult?> CallAsync<TResult>(string method, object? parameters = null, CancellationToken cancellationToken = default) =>
        CallAsync(method, parameters is null ? [] : JsonSerializer.SerializeToUtf8Bytes(parameters, JsonSerializerOptions.Web),
            (JsonTypeInfo<TResult>)JsonSerializerOptions.Web.GetTypeInfo(typeof(TResult)), RpcCallOptions.Default, cancellationToken);

    /// <summary>Sends a notification: nobody answers it.</summary>
    /// <typeparam name="TParameters">What it carries.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it carries.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">It could not be sent.</exception>
    public Task NotifyAsync<TParameters>(string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parametersType);
        return SendAsync(method, EnvelopeWriter.Call(Notification(method), JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType)), cancellationToken);
    }

    /// <summary>Sends a notification, by reflection, with the web's names (camelCase).</summary>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it carries; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">It could not be sent.</exception>
    [RequiresUnreferencedCode(Reflection)]
    [RequiresDynamicCode(Reflection)]
    public Task NotifyAsync(string method, object? parameters = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        var json = parameters is null ? [] : JsonSerializer.SerializeToUtf8Bytes(parameters, JsonSerializerOptions.Web);
        return SendAsync(method, EnvelopeWriter.Call(Notification(method), json), cancellationToken);
    }

    /// <summary>Whether the peer is being stopped: it takes no more calls, and still answers those under way. A call fails with <c>rpc.stopping</c>.</summary>
    public bool IsPeerStopping => _isPeerStopping;

    /// <summary>
    /// Ends the conversation when what is being served here has been answered: says so to the peer, refuses the calls that still come, and waits. Calls of this side that
    /// are under way then fail.
    /// </summary>
    /// <param name="drain">How long to wait; <see cref="TimeSpan.Zero"/> not at all.</param>
    /// <param name="cancellationToken">Cuts the wait short.</param>
    /// <returns>Whether everything was answered in time; what was not has been given up.</returns>
    public async Task<bool> StopAsync(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        using var timer = new CancellationTokenSource(drain, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var isDone = await DrainAsync(either.Token).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        return isDone;
    }

    /// <summary>Ends the conversation. Calls under way fail with <c>rpc.disconnected</c>, the tokens of served methods fire.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync().ConfigureAwait(false);
        // The end of a connection reads past what still comes, and it has one reader. A stream that does not heed its token is closed under it.
        await _receiving.WaitAsync(ReaderLeaves, _options.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _channel.DisposeAsync().ConfigureAwait(false);
        await ((Task)_receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes no more calls, and waits until those under way are answered; false where the token fired before.</summary>
    internal async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            _served.Stop();
            // Ahead of every refusal: a peer believes that a call was not served only if it has heard of this.
            await TrySendAsync(StoppingMessage.Bytes).WaitAsync(cancellationToken).ConfigureAwait(false);
            _served.Told();
            await _served.FinishAsync(cancellationToken).ConfigureAwait(false);
            await _channel.EndAsync().ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            _served.Told();
            return _served.IsIdle;
        }
    }

    private async Task<TResult?> CallAsync<TResult>(string method, byte[] parameters, JsonTypeInfo<TResult> resultType, RpcCallOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(resultType);
        var limit = Limit(method, options);
        var id = Interlocked.Increment(ref _lastId);
        var call = new SingleAnswer();
        using var span = RpcTelemetry.StartCall(method, Peer);
        try
        {
            await BeginAsync(id, call, Head(id, method, limit), parameters, limit, cancellationToken).ConfigureAwait(false);
            var answer = await call.Task.WaitAsync(limit, _options.Clock, cancellationToken).ConfigureAwait(false);
            return answer.Error is { } error ? throw RpcFailure.Remote(_channel, method, error, _isPeerStopping) : Read(method, answer.Result, resultType);
        }
        catch (TimeoutException)
        {
            Abandon(id);
            var late = RpcFailure.TimedOut(_channel, method, limit, limit != _options.CallTimeout, WasSent.Yes);
            RpcTelemetry.Fail(span, late);
            throw late;
        }
        catch (Exception error)
        {
            if (error is OperationCanceledException)
                Abandon(id);
            RpcTelemetry.Fail(span, error);
            throw;
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a call. A peer that does not read is waited for no longer than one that does not answer.</summary>
    private async Task BeginAsync(long id, PendingCall call, EnvelopeHead head, byte[] parameters, TimeSpan limit, CancellationToken cancellationToken)
    {
        _calls[id] = call;
        if (_isOver)
            throw RpcFailure.Disconnected(_channel, head.Method, WasSent.Never, _failure);
        if (_isPeerStopping)
            throw RpcFailure.Stopping(_channel, head.Method);
        using var timer = new CancellationTokenSource(limit, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            // A frame that has begun to leave goes on leaving; its caller need not wait for that.
            await SendAsync(head.Method, EnvelopeWriter.Call(head, parameters), either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw RpcFailure.TimedOut(_channel, head.Method, limit, limit != _options.CallTimeout, WasSent.Maybe);
        }
    }

    private static EnvelopeHead Notification(string method) => new(null, method) { TraceParent = Activity.Current?.Id, TraceState = Activity.Current?.TraceStateString };

    private static EnvelopeHead Head(long id, string method, TimeSpan limit) => Notification(method) with
    {
        Id = id,
        Timeout = limit == Timeout.InfiniteTimeSpan ? null : limit,
    };

    /// <summary>How long this call waits.</summary>
    private TimeSpan Limit(string method, RpcCallOptions options, WasSent wasSent = WasSent.Never)
    {
        if (options.Deadline.IsExpired)
            throw RpcFailure.TimedOut(_channel, method, TimeSpan.Zero, true, wasSent);
        return options.Deadline.IsFinite && (options.Deadline.Remaining is var left && (_options.CallTimeout == Timeout.InfiniteTimeSpan || left < _options.CallTimeout)) ? left : _options.CallTimeout;
    }

    private T? Read<T>(string method, JsonElement result, JsonTypeInfo<T> type)
    {
        try
        {
            return result.Deserialize(type);
        }
        catch (JsonException error)
        {
            throw RpcFailure.Protocol(_channel, $"answered '{method}' with a result of another form: {error.Message}", error);
        }
    }

    private async Task SendAsync(string? method, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (RpcFailure.IsLoss(error))
        {
            throw RpcFailure.Disconnected(_channel, method, WasSent.Maybe, _failure ?? error);
        }
    }

    // The peer may stop; whether it hears of it is its own affair.
    private void Abandon(long id)
    {
        var (method, _) = ServedCalls.GiveUp(_options.Cancelling);
        _ = TrySendAsync(EnvelopeWriter.Call(new EnvelopeHead(null, method), _options.Cancelling == RpcCancelling.ModelContext
            ? JsonSerializer.SerializeToUtf8Bytes(new CancelledRequest(id), RpcJson.Default.CancelledRequest)
            : JsonSerializer.SerializeToUtf8Bytes(new CancelledCall(id), RpcJson.Default.CancelledCall)));
    }

    private async Task TrySendAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            await _channel.SendAsync(message, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (RpcFailure.IsLoss(error) || error is OperationCanceledException)
        {
            // The reader will know.
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _channel.ReceiveAsync(_stop.Token).ConfigureAwait(false) is { } message)
                await TakeAsync(Envelope.Read(message.Span), message.Length).ConfigureAwait(false);
            if (_options.FinishCalls)
                await _served.FinishAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (FormatException error)
        {
            _failure = RpcFailure.Protocol(_channel, error.Message, error);
            await TrySendAsync(EnvelopeWriter.Error(default, EnvelopeError.Of(error), error.Message)).ConfigureAwait(false);
        }
        catch (Exception error) when (RpcFailure.IsLoss(error) || error is OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested)
                _failure = error as NetworkException ?? RpcFailure.Disconnected(_channel, null, WasSent.Maybe, error);
        }
        finally
        {
            _isOver = true;
            await _stop.CancelAsync().ConfigureAwait(false);
            foreach (var call in _calls.Values)
                call.Fail(RpcFailure.Disconnected(_channel, null, WasSent.Maybe, _failure));
            if (_failure is not null)
                await _channel.DisposeAsync().ConfigureAwait(false);
        }
        if (_failure is not null)
            throw _failure;
    }

    private ValueTask TakeAsync(Envelope message, int bytes)
    {
        if (message.Method == StoppingMessage.Method)
        {
            _isPeerStopping = true;
            return ValueTask.CompletedTask;
        }
        if (message.Method == StreamMessages.Item)
        {
            var (stream, item) = StreamMessages.ReadItem(message.Parameters);
            // One that was given up may have items on their way.
            if (_calls.TryGetValue(stream, out var streamed) && !streamed.TryAdd(item))
                throw new FormatException("sent an item of a stream to a call that wants none");
            return ValueTask.CompletedTask;
        }
        if (message.Method is not null)
            return _served.TakeAsync(message, bytes);
        if (message.Id.ValueKind == JsonValueKind.Number && message.Id.TryGetInt64(out var id) && _calls.TryRemove(id, out var call))
            call.Complete(message);
        return ValueTask.CompletedTask;
    }
}
