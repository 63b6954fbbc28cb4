using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc;

/// <summary>
/// The methods that a peer may call, by name; none is found by reflection. Parameters by name are read as one value; a single one by position is that value.
/// Fill it before it is used; then any number of connections may share it.
/// </summary>
public sealed class RpcMethods
{
    private readonly Dictionary<string, ServedMethod> _methods = new(StringComparer.Ordinal);

    /// <summary>Adds a method. It serves calls and, its result left aside, notifications.</summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">How to read what it takes.</param>
    /// <param name="result">How to write what it gives.</param>
    /// <param name="serve">Does it, knowing who calls and how long they wait; the token fires when the caller gives up, its time is over or the connection ends. It may run beside itself.</param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    public RpcMethods Add<TParameters, TResult>(
        string name, JsonTypeInfo<TParameters> parameters, JsonTypeInfo<TResult> result, Func<TParameters?, RpcCall, CancellationToken, Task<TResult>> serve)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(serve);
        return Add(name, new ServedMethod(async (json, call, cancellationToken) =>
        {
            var given = ServedMethod.Read(json, parameters);
            return JsonSerializer.SerializeToUtf8Bytes(await serve(given, call, cancellationToken).ConfigureAwait(false), result);
        }));
    }

    /// <summary>Adds a method that need not know who calls.</summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">How to read what it takes.</param>
    /// <param name="result">How to write what it gives.</param>
    /// <param name="serve">Does it.</param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    public RpcMethods Add<TParameters, TResult>(
        string name, JsonTypeInfo<TParameters> parameters, JsonTypeInfo<TResult> result, Func<TParameters?, CancellationToken, Task<TResult>> serve)
    {
        ArgumentNullException.ThrowIfNull(serve);
        return Add(name, parameters, result, (given, _, cancellationToken) => serve(given, cancellationToken));
    }

    /// <summary>The same by reflection, with the web's names (camelCase).</summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="serve">Does it.</param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    [RequiresUnreferencedCode(RpcConnection.Reflection)]
    [RequiresDynamicCode(RpcConnection.Reflection)]
    public RpcMethods Add<TParameters, TResult>(string name, Func<TParameters?, CancellationToken, Task<TResult>> serve) =>
        Add(name, (JsonTypeInfo<TParameters>)JsonSerializerOptions.Web.GetTypeInfo(typeof(TParameters)),
            (JsonTypeInfo<TResult>)JsonSerializerOptions.Web.GetTypeInfo(typeof(TResult)), serve);

    /// <summary>Adds a method that answers with a stream of items, which the caller gets as they come (<see cref="RpcConnection.StreamAsync"/>).</summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TItem">What it gives, piece by piece.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">How to read what it takes.</param>
    /// <param name="item">How to write an item.</param>
    /// <param name="serve">
    /// Gives the items. It is asked for the next one when the caller has room for it, and its token fires when the caller stops, its time is over or the connection ends.
    /// </param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    public RpcMethods AddStream<TParameters, TItem>(
        string name, JsonTypeInfo<TParameters> parameters, JsonTypeInfo<TItem> item, Func<TParameters?, RpcCall, CancellationToken, IAsyncEnumerable<TItem>> serve)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(serve);
        return Add(name, new ServedMethod((json, call, cancellationToken) => Written(serve(ServedMethod.Read(json, parameters), call, cancellationToken), item, cancellationToken)));
    }

    /// <summary>Adds what is done at a notification. One after the other for each connection is not promised.</summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">How to read what it takes.</param>
    /// <param name="serve">Does it. What it throws is lost.</param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    public RpcMethods AddNotification<TParameters>(string name, JsonTypeInfo<TParameters> parameters, Func<TParameters?, CancellationToken, Task> serve)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(serve);
        return Add(name, new ServedMethod(async (json, _, cancellationToken) =>
        {
            await serve(ServedMethod.Read(json, parameters), cancellationToken).ConfigureAwait(false);
            return "null"u8.ToArray();
        }));
    }

    /// <summary>
    /// Answers one message outside of any connection: for transports that carry one call at a time, such as HTTP, where a request has the call and its response the answer.
    /// </summary>
    /// <param name="message">The message, as it came.</param>
    /// <param name="peer">Who sent it.</param>
    /// <param name="send">Takes what the method sends before its answer: notifications, items of a stream. Null refuses them.</param>
    /// <param name="cancellationToken">Fires when the caller has left.</param>
    /// <returns>The answer; null for a notification, which has none. An error is an answer too.</returns>
    public async Task<ReadOnlyMemory<byte>?> AnswerAsync(
        ReadOnlyMemory<byte> message, RpcPeer peer, Func<ReadOnlyMemory<byte>, CancellationToken, Task>? send = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Envelope envelope;
        try
        {
            envelope = Envelope.Read(message.Span);
        }
        catch (FormatException wrong)
        {
            return EnvelopeWriter.Error(default, EnvelopeError.Of(wrong), $"The caller {wrong.Message}.");
        }
        if (envelope.Method is null)
            return EnvelopeWriter.Error(default, EnvelopeError.InvalidRequest, "The caller sent an answer where nothing was asked.");
        if (Find(envelope.Method) is not { } method)
            return envelope.IsNotification ? (ReadOnlyMemory<byte>?)null : EnvelopeWriter.Error(envelope.Id, EnvelopeError.NoMethod, "There is no such method.");
        using var call = new ServedCall(method, envelope, peer, send ?? Refuse, TimeProvider.System, cancellationToken);
        var answer = await call.RunAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        // Typed: null alone would become an empty message.
        return envelope.IsNotification ? (ReadOnlyMemory<byte>?)null : answer;
    }

    internal ServedMethod? Find(string name) => _methods.GetValueOrDefault(name);

    private static Task Refuse(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => Task.FromException(new InvalidOperationException("Nothing goes before the answer here."));

    private static async IAsyncEnumerable<byte[]> Written<T>(IAsyncEnumerable<T> items, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return JsonSerializer.SerializeToUtf8Bytes(item, type);
    }

    private RpcMethods Add(string name, ServedMethod method)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.StartsWith("rpc.", StringComparison.Ordinal) || name.StartsWith("$/", StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' belongs to the protocol.", nameof(name));
        return _methods.TryAdd(name, method) ? this : throw new ArgumentException($"There is a method '{name}' already.", nameof(name));
    }
}
