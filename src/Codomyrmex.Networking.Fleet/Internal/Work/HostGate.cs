using Codomyrmex.Networking.Crawling.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>The machine's lease, as one host uses it. Safe to share between threads.</summary>
/// <param name="lease">The lease.</param>
/// <param name="isFull">Whether so much was found that it has to be told to others before more is.</param>
internal sealed class HostGate(FetchLease lease, Func<bool> isFull) : IVisitGate
{
    private int _begun;

    /// <summary>Pages begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    public bool TryEnter()
    {
        if (isFull() || !lease.TryBegin())
            return false;
        Interlocked.Increment(ref _begun);
        return true;
    }

    public void Leave()
    {
        lease.Return();
        Interlocked.Decrement(ref _begun);
    }
}
