using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc;

/// <summary>A call or a notification that is being served: what a method may know of it beside its parameters. Thread-safe.</summary>
public sealed class RpcCall
{
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task> _send;

    internal RpcCall(string method, RpcPeer peer, Deadline deadline, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send)
    {
        (Method, Peer, Deadline) = (method, peer, deadline);
        _send = send;
    }

    /// <summary>The name that was called.</summary>
    public string Method { get; }

    /// <summary>Who calls.</summary>
    public RpcPeer Peer { get; }

    /// <summary>How long the caller waits: pass it on to what the method calls in its turn. The method's token fires when it has passed.</summary>
    public Deadline Deadline { get; }

    /// <summary>Sends the caller a notification, on the way that the answer will take.</summary>
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
        return _send(EnvelopeWriter.Call(new EnvelopeHead(null, method), JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType)), cancellationToken);
    }
}
