namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Whom requests go to, for the words of failures: over HTTP each call has an exchange of its own, and nothing stays open.</summary>
internal sealed class HttpPeer(Endpoint? endpoint) : IRpcChannel
{
    public RpcPeer Peer { get; } = new() { Endpoint = endpoint };

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
