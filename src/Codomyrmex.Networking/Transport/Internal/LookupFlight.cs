namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A look-up under way and the number of callers that wait for it. The owner's lock guards <see cref="Waiters"/>.</summary>
internal sealed class LookupFlight
{
    private readonly TaskCompletionSource<Lookup> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();

    internal int Waiters { get; set; }

    internal Task<Lookup> Task => _done.Task;

    /// <summary>Cancelled when nobody waits any more.</summary>
    internal CancellationToken Abandoned => _abandoned.Token;

    internal void Complete(Lookup lookup) => _done.TrySetResult(lookup);

    internal void Abandon() => _abandoned.Cancel();
}
