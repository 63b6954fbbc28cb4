namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>The frames of a connection as a sequence, without a state machine of its own in between.</summary>
internal sealed class FrameSequence(Inbox inbox, CancellationToken cancellationToken) : IAsyncEnumerable<ReadOnlyMemory<byte>>, IAsyncEnumerator<ReadOnlyMemory<byte>>
{
    public ReadOnlyMemory<byte> Current => inbox.Current;

    public IAsyncEnumerator<ReadOnlyMemory<byte>> GetAsyncEnumerator(CancellationToken token = default) =>
        !token.CanBeCanceled || token == cancellationToken ? this
        : !cancellationToken.CanBeCanceled ? new FrameSequence(inbox, token)
        : throw new ArgumentException("Pass one token, either to the call or by WithCancellation.", nameof(token));

    public ValueTask<bool> MoveNextAsync() => inbox.EndsHere ? default : inbox.NextAsync(cancellationToken);

    public ValueTask DisposeAsync() => default;
}
