using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Where probes that complete on other threads wait for the scan's thread. Each belongs to a use of a slot: what comes after it was abandoned is dropped.</summary>
internal sealed class CompletedProbes(int slots) : IDisposable
{
    private readonly ConcurrentQueue<(ProbeReply Reply, int Use)> _completed = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly int[] _uses = new int[slots];

    /// <summary>Begins a use of a slot. On the scan's thread, as all but <see cref="Complete"/>.</summary>
    public int Begin(int slot) => ++_uses[slot];

    /// <summary>Whether a use is still the slot's.</summary>
    public bool IsCurrent(int slot, int use) => Volatile.Read(ref _uses[slot]) == use;

    public void Abandon(int slot) => Interlocked.Increment(ref _uses[slot]);

    public void Complete(int slot, int use, ProbeAnswer answer)
    {
        _completed.Enqueue((new ProbeReply(slot, answer), use));
        _news.Release();
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait)
    {
        var count = 0;
        while (count < replies.Length && _news.Wait(count == 0 ? wait : TimeSpan.Zero) && _completed.TryDequeue(out var completed))
        {
            if (_uses[completed.Reply.Slot] == completed.Use)
                replies[count++] = completed.Reply;
            wait = TimeSpan.Zero;
        }
        return count;
    }

    public void Dispose() => _news.Dispose();
}
