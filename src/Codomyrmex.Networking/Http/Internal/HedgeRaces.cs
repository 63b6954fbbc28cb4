using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Keeps races on the system's clock for the next request.</summary>
internal static class HedgeRaces
{
    private const int Kept = 256;
    private static readonly ConcurrentQueue<HedgeRace> Free = new();
    private static int _count;

    public static HedgeRace Rent(TimeProvider clock)
    {
        if (!ReferenceEquals(clock, TimeProvider.System) || !Free.TryDequeue(out var race))
            return new HedgeRace(clock);
        Interlocked.Decrement(ref _count);
        return race;
    }

    public static void Return(HedgeRace race)
    {
        if (!race.TryReset() || !ReferenceEquals(race.Clock, TimeProvider.System) || Volatile.Read(ref _count) >= Kept)
        {
            race.Dispose();
            return;
        }
        Interlocked.Increment(ref _count);
        Free.Enqueue(race);
    }
}
