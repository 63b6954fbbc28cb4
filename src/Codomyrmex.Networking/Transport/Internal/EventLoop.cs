using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Waits for many sockets on one thread and goes on there with whoever waited for them: between a packet and the code that it is for lies no
/// second thread (Linux, epoll).
/// </summary>
/// <remarks>
/// <para>
/// That code is anybody's, and may take its time. So the thread that leads the loop can be relieved: a watch looks at all loops every few
/// milliseconds, and where one is still at the same event, another thread leads the loop from the next event on, while the first one finishes what
/// it does and ends. A source whose code took long has its next continuations run on the thread pool.
/// </para>
/// <para>
/// Who leads is decided by one number. Even: it stands for an event, which is being served. Whoever changes it to the next one first has the loop and that
/// event: the leader, who is done, or the watch for a successor. The event is read before that, as the leader who comes later may fetch new ones. Odd:
/// the leader waits in the kernel, where nobody need relieve it.
/// </para>
/// </remarks>
internal sealed class EventLoop
{
    private const int Batch = 256;

    /// <summary>Reads that may complete at once within one event, before the reader has to let others have their turn.</summary>
    private const int ReadsInTurn = 32;

    /// <summary>Continuations that run on the thread pool after one that took long.</summary>
    private const int OutsideAfterLong = 64;

    /// <summary>Quick waits in a row after which the next one is not slept through at first, and those that do not count after it was in vain.</summary>
    private const int QuickWaits = 4;
    private const int QuickWaitsAfterVain = 32;

    /// <summary>Threads that may be at an event beside the leader.</summary>
    private const int MostRelieved = 16;

    private const int ChunkBits = 10;
    private const int Chunks = 4096;

    private const PollEvents Everything = PollEvents.Readable | PollEvents.Urgent | PollEvents.Writable | PollEvents.PeerEnded | PollEvents.EdgeTriggered;

    // Made when their turn comes first: a program with one connection has one.
    private static readonly EventLoop?[] Loops = new EventLoop?[Environment.ProcessorCount];
    private static readonly long TurnTicks = TimeProvider.System.TimestampFrequency * 150 / 1_000_000;
    private static readonly long LongTicks = TimeProvider.System.TimestampFrequency * 300 / 1_000_000;

    // A wait that was shorter is quick, with the time that it takes to wake the thread. How long the kernel is asked after some of them.
    private static readonly long QuickTicks = TimeProvider.System.TimestampFrequency * 120 / 1_000_000;
    private static readonly long AskTicks = TimeProvider.System.TimestampFrequency * 60 / 1_000_000;
    private static int s_next;
    private static int s_asking;

    /// <summary>One more than the reads that are left for the event that this thread serves; 0 on threads that serve none.</summary>
    [ThreadStatic]
    private static int t_reads;

    /// <summary>Until when they may be made.</summary>
    [ThreadStatic]
    private static long t_turnEnd;

    private readonly LinuxPoll _poll = new(Batch);

    private int _quickWaits;
    private int _relieved;
    private int _isBeingRelieved;

    // In pieces that stay where they are, so that the leader looks without a lock.
    private readonly LoopSource?[]?[] _sources = new LoopSource?[]?[Chunks];
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private int _used;
    private uint _generation;

    // The events that were fetched last: how many, and the turn of the first.
    private int _count;
    private long _first;
    private long _turn;

    private EventLoop() => LoopThread.Begin(() => Lead(0, default), "codomyrmex event loop");

    /// <summary>Whether this machine has loops, and nobody switched them off (<c>Codomyrmex.Networking.EventLoop</c>, docs/sockets.md).</summary>
    public static bool IsSupported { get; } = Libc.IsSupported && (!AppContext.TryGetSwitch("Codomyrmex.Networking.EventLoop", out var isOn) || isOn);

    /// <summary>The loops, one a processor; null where none was needed yet.</summary>
    public static ReadOnlySpan<EventLoop?> All => Loops;

    /// <summary>
    /// Whether so many threads are still at their event, after they were relieved, that no more are to be risked: what waits then goes on on the thread pool,
    /// which knows how to bound itself.
    /// </summary>
    public bool IsShortHanded => Volatile.Read(ref _relieved) >= MostRelieved;

    /// <summary>Who serves which event: see the remarks.</summary>
    public long Turn => Volatile.Read(ref _turn);

    /// <summary>The loop for the next connection: they take turns.</summary>
    public static EventLoop Next()
    {
        ref var loop = ref Loops[(uint)Interlocked.Increment(ref s_next) % (uint)Loops.Length];
        if (Volatile.Read(ref loop) is { } made)
            return made;
        lock (Loops)
            return loop ??= new EventLoop();
    }

    /// <summary>Whether a loop serves the caller.</summary>
    public static bool IsServing => t_reads != 0;

    /// <summary>Whether the caller, whom a loop serves, may read at once: not where it has read so often or so long that others should have their turn.</summary>
    public static bool MayGoOn()
    {
        if (t_reads > 1 && TimeProvider.System.GetTimestamp() < t_turnEnd)
        {
            t_reads--;
            return true;
        }
        t_reads = 1;
        return false;
    }

    /// <summary>Tells a source from now on what happens to a descriptor; what holds already, at once.</summary>
    public void Add(SafeHandle descriptor, LoopSource source)
    {
        lock (_lock)
        {
            var index = _free.TryPop(out var free) ? free : _used++;
            source.Key = (uint)index | ((ulong)++_generation << 32);
            var chunk = _sources[index >> ChunkBits];
            if (chunk is null)
                Volatile.Write(ref _sources[index >> ChunkBits], chunk = new LoopSource?[1 << ChunkBits]);
            Volatile.Write(ref chunk[index & ((1 << ChunkBits) - 1)], source);
        }
        try
        {
            _poll.Add(descriptor, Everything, source.Key);
        }
        catch
        {
            Remove(source);
            throw;
        }
    }

    /// <summary>Tells a source of the loop once more what holds, after others have had their turn; false where that cannot be.</summary>
    public bool TellAgain(SafeHandle descriptor, LoopSource source) => _poll.TryRearm(descriptor, Everything, source.Key);

    /// <summary>Forgets a source. The caller closes the descriptor after this.</summary>
    public void Remove(LoopSource source)
    {
        var index = (int)(uint)source.Key;
        lock (_lock)
        {
            ref var place = ref _sources[index >> ChunkBits]![index & ((1 << ChunkBits) - 1)];
            if (place != source)
                return;
            Volatile.Write(ref place, null);
            _free.Push(index);
        }
    }

    /// <summary>Puts another thread in the leader's place, where it still serves the event of that turn.</summary>
    public void Relieve(long turn)
    {
        if (Interlocked.Exchange(ref _isBeingRelieved, 1) == 0)
            LoopThread.Begin(() => TakeOver(turn), "codomyrmex event loop");
    }

    // Not before there is a thread for it: a system may have none left, and the loop must not be without a leader.
    private void TakeOver(long turn)
    {
        var next = EventOf(turn + 2);
        var isMine = Interlocked.CompareExchange(ref _turn, turn + 2, turn) == turn;
        if (isMine)
            Interlocked.Increment(ref _relieved);
        Volatile.Write(ref _isBeingRelieved, 0);
        if (isMine)
            Lead(turn + 2, next);
    }

    private void Lead(long turn, PollEvent current)
    {
        var clock = TimeProvider.System;
        while (true)
        {
            for (var before = clock.GetTimestamp(); current.Key != 0;)
            {
                // Of a descriptor that has been closed since, there is nothing to tell.
                if (Find(current.Key) is { } source)
                {
                    (t_reads, t_turnEnd) = (ReadsInTurn, before + TurnTicks);
                    source.Ready(current.Events);
                    t_reads = 0;
                    var after = clock.GetTimestamp();
                    var isLong = after - before > LongTicks;
                    if (isLong && source.WasLong)
                        source.Outside = OutsideAfterLong;
                    source.WasLong = isLong;
                    before = after;
                }
                current = EventOf(turn + 2);
                if (Interlocked.CompareExchange(ref _turn, turn + 2, turn) != turn)
                {
                    Interlocked.Decrement(ref _relieved);
                    return;
                }
                turn += 2;
            }
            if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) != turn)
            {
                Interlocked.Decrement(ref _relieved);
                return;
            }
            _count = WaitForNews(clock);
            _first = turn += 2;
            current = EventOf(turn);
            Interlocked.Exchange(ref _turn, turn);
            LoopWatch.Wake();
        }
    }

    /// <summary>
    /// Waits for the next events. Where they came quickly of late, the kernel is asked for a moment whether there are more before this thread sleeps: to be woken
    /// takes longer than a near peer's answer.
    /// </summary>
    private int WaitForNews(TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        if (_quickWaits >= QuickWaits)
        {
            if (Ask(clock, start) is > 0 and var count)
                return count;
            _quickWaits = -QuickWaitsAfterVain;
        }
        var news = _poll.Wait();
        _quickWaits = clock.GetTimestamp() - start > QuickTicks ? Math.Min(_quickWaits, 0) : _quickWaits + 1;
        return news;
    }

    private int Ask(TimeProvider clock, long start)
    {
        var count = 0;
        if (Interlocked.Increment(ref s_asking) <= Loops.Length / 2)
        {
            do
            {
                // Whoever needs the processor gets it.
                Thread.Yield();
                count = _poll.Wait(TimeSpan.Zero);
            }
            while (count == 0 && clock.GetTimestamp() - start < AskTicks);
        }
        Interlocked.Decrement(ref s_asking);
        return count;
    }

    /// <summary>The event that a turn stands for; none where there is none. Holds only for who then gets the turn.</summary>
    private PollEvent EventOf(long turn)
    {
        var index = (turn - _first) / 2;
        return (ulong)index < (ulong)_count ? _poll[(int)index] : default;
    }

    private LoopSource? Find(ulong key)
    {
        var index = (int)(uint)key;
        var source = Volatile.Read(ref _sources[index >> ChunkBits]![index & ((1 << ChunkBits) - 1)]);
        return source?.Key == key ? source : null;
    }
}
