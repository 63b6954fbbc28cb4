namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Relieves the leaders of loops that have been at one event for too long. One thread for all loops; it sleeps while nothing happens.</summary>
internal static class LoopWatch
{
    private const int PeriodMilliseconds = 2;
    private const int QuietLooks = 50;

    private static readonly AutoResetEvent Signal = new(initialState: false);
    private static int s_hasBegun;
    private static int s_isAwake;

    /// <summary>A loop serves an event.</summary>
    public static void Wake()
    {
        if (Volatile.Read(ref s_isAwake) != 0 || Interlocked.Exchange(ref s_isAwake, 1) != 0)
            return;
        // Whoever starts a thread waits until it runs; the leader has something better to do.
        if (Volatile.Read(ref s_hasBegun) == 0 && Interlocked.Exchange(ref s_hasBegun, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static _ => LoopThread.Begin(Watch, "codomyrmex loop watch"), null);
        Signal.Set();
    }

    private static void Watch()
    {
        var seen = new long[EventLoop.All.Length];
        using var never = new ManualResetEventSlim();
        while (true)
        {
            Signal.WaitOne();
            do
            {
                Volatile.Write(ref s_isAwake, 1);
                for (var quiet = 0; quiet < QuietLooks; quiet = Look(seen) ? 0 : quiet + 1)
                    never.Wait(PeriodMilliseconds);
                Interlocked.Exchange(ref s_isAwake, 0);
            }
            // Who began before it could see that the watch sleeps did not wake it.
            while (Look(seen));
        }
    }

    /// <summary>Whether something happened since the last look.</summary>
    private static bool Look(long[] seen)
    {
        var isBusy = false;
        for (var i = 0; i < seen.Length; i++)
        {
            if (EventLoop.All[i] is not { } loop)
                continue;
            var turn = loop.Turn;
            var isServing = (turn & 1) == 0;
            if (isServing && turn == seen[i])
                loop.Relieve(turn);
            isBusy |= isServing || turn != seen[i];
            seen[i] = turn;
        }
        return isBusy;
    }
}
