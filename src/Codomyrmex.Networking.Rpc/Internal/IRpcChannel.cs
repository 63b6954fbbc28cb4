namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Carries whole messages. Any number of callers send, one receives.</summary>
internal interface IRpcChannel : IAsyncDisposable
{
    /// <summary>Who is on the other side.</summary>
    RpcPeer Peer { get; }

    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>The next message, valid until the one after it is asked for; null behind the last.</summary>
    /// <exception cref="FormatException">The peer sent what is no message.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Tells the peer that nothing follows, where disposing would not.</summary>
    ValueTask EndAsync() => ValueTask.CompletedTask;
}
