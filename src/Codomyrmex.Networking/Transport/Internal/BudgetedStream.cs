namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A connection whose bytes and time are paid from a budget: its reads and writes fail where either is spent.</summary>
internal sealed class BudgetedStream(Stream inner, NetworkBudget budget, Endpoint endpoint) : DuplexStream, IHalfClosable, ILayered
{
    private readonly CancellationTokenSource? _timeUp = budget.TimeUp();

    public IReadOnlyList<TransportLayer> Layers => (inner as ILayered)?.Layers ?? [];

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        using (var either = Linked(cancellationToken))
        {
            try
            {
                count = await inner.ReadAsync(buffer, either?.Token ?? cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_timeUp is { IsCancellationRequested: true } && !cancellationToken.IsCancellationRequested)
            {
                throw budget.TimeIsUp(endpoint, NetworkPhase.Receive);
            }
        }
        budget.SpendBytes(count, endpoint);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = Linked(cancellationToken);
        try
        {
            await inner.WriteAsync(buffer, either?.Token ?? cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_timeUp is { IsCancellationRequested: true } && !cancellationToken.IsCancellationRequested)
        {
            throw budget.TimeIsUp(endpoint, NetworkPhase.Send);
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        budget.SpendBytes(read, endpoint);
        return read;
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public void EndSending() => (inner as IHalfClosable)?.EndSending();

    public override async ValueTask DisposeAsync()
    {
        _timeUp?.Dispose();
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timeUp?.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private CancellationTokenSource? Linked(CancellationToken cancellationToken) =>
        _timeUp is null ? null : CancellationTokenSource.CreateLinkedTokenSource(_timeUp.Token, cancellationToken);
}
