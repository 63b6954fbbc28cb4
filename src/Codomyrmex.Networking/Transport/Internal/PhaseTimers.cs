using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Keeps timers on the system's clock for the next attempt, so that a deadline costs no allocation.</summary>
internal static class PhaseTimers
{
    private const int Kept = 256;
    private static readonly ConcurrentQueue<PhaseTimer> Free = new();
    private static int _count;

    public static PhaseTimer Rent(TimeProvider clock)
    {
        if (ReferenceEquals(clock, TimeProvider.System) && Free.TryDequeue(out var timer))
        {
            Interlocked.Decrement(ref _count);
            return timer;
        }
        return new PhaseTimer(clock);
    }

    public static void Return(PhaseTimer timer)
    {
        if (!ReferenceEquals(timer.Clock, TimeProvider.System) || Volatile.Read(ref _count) >= Kept || !timer.TryReset())
        {
            timer.Dispose();
            return;
        }
        Interlocked.Increment(ref _count);
        Free.Enqueue(timer);
    }
}
