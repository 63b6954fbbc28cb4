using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>A call that has one answer.</summary>
internal sealed class SingleAnswer : PendingCall
{
    private readonly TaskCompletionSource<Envelope> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Envelope> Task => _answer.Task;

    public override void Complete(Envelope answer) => _answer.TrySetResult(answer);

    public override void Fail(NetworkException reason) => _answer.TrySetException(reason);
}
