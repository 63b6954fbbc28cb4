namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>What is written to it is kept; each write waits until the test lets writes go.</summary>
internal sealed class HeldStream : MemoryStream
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the first write waits.</summary>
    public Task Begun => _begun.Task;

    public void Release() => _released.TrySetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _begun.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
        Write(buffer.Span);
    }
}
