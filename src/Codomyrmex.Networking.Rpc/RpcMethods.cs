using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Rpc.Internal;

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
    /// <param name="serve">Does it; the token fires when the caller gives up or the connection ends. It may run beside itself.</param>
    /// <exception cref="ArgumentException">The name is taken, or is the protocol's own.</exception>
    public RpcMethods Add<TParameters, TResult>(
        string name, JsonTypeInfo<TParameters> parameters, JsonTypeInfo<TResult> result, Func<TParameters?, CancellationToken, Task<TResult>> serve)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(serve);
        return Add(name, async (json, cancellationToken) =>
        {
            var given = ServedMethod.Read(json, parameters);
            return JsonSerializer.SerializeToUtf8Bytes(await serve(given, cancellationToken).ConfigureAwait(false), result);
        });
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
        return Add(name, async (json, cancellationToken) =>
        {
            await serve(ServedMethod.Read(json, parameters), cancellationToken).ConfigureAwait(false);
            return "null"u8.ToArray();
        });
    }

    internal ServedMethod? Find(string name) => _methods.GetValueOrDefault(name);

    private RpcMethods Add(string name, Func<JsonElement, CancellationToken, Task<byte[]>> serve)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.StartsWith("rpc.", StringComparison.Ordinal) || name.StartsWith("$/", StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' belongs to the protocol.", nameof(name));
        return _methods.TryAdd(name, new ServedMethod(serve)) ? this : throw new ArgumentException($"There is a method '{name}' already.", nameof(name));
    }
}
