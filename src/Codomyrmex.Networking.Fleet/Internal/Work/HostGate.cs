using Codomyrmex.Networking.Crawling.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>The machine's lease, as one host uses it. Safe to share between threads.</summary>
internal sealed class HostGate(FetchLease lease) : IVisitGate
{
    private int _begun;

    /// <summary>Pages begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    public bool TryEnter()
    {
        if (!lease.TryBegin())
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
