using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Keeps timers on the system's clock for the next attempt, so that a deadline costs no allocation.</summary>
internal static class PhaseTimers
{
    private const int Kept = 256;
    private static readonly ConcurrentQueue<PhaseTimer> Free = new();
    private static int _count;

    // Where a thread ends one attempt and begins the next, it need not ask the others.
    [ThreadStatic]
    private static PhaseTimer? _freeOfThread;

    public static PhaseTimer Rent(TimeProvider clock)
    {
        if (!ReferenceEquals(clock, TimeProvider.System))
            return new PhaseTimer(clock);
        if (_freeOfThread is { } own)
        {
            _freeOfThread = null;
            return own;
        }
        if (!Free.TryDequeue(out var timer))
            return new PhaseTimer(clock);
        Interlocked.Decrement(ref _count);
        return timer;
    }

    public static void Return(PhaseTimer timer)
    {
        if (!ReferenceEquals(timer.Clock, TimeProvider.System) || !timer.TryReset())
        {
            timer.Dispose();
        }
        else if (_freeOfThread is null)
        {
            _freeOfThread = timer;
        }
        else if (Volatile.Read(ref _count) < Kept)
        {
            Interlocked.Increment(ref _count);
            Free.Enqueue(timer);
        }
        else
        {
            timer.Dispose();
        }
    }
}
