using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What an <see cref="EventLoop"/> tells about a descriptor.</summary>
internal abstract class LoopSource
{
    /// <summary>The loop that it enters, or has entered.</summary>
    protected EventLoop Loop { get; } = EventLoop.Next();

    /// <summary>Its place in the loop; 0 while it has none.</summary>
    public ulong Key { get; set; }

    /// <summary>How many of the next continuations run on the thread pool, because the last two took long.</summary>
    public int Outside { get; set; }

    /// <summary>Whether the last continuation took long; once, that may be the system's doing, which gave the processor to somebody else.</summary>
    public bool WasLong { get; set; }

    /// <summary>The descriptor may be ready again. Called by who leads the loop.</summary>
    public abstract void Ready(PollEvents events);

    /// <summary>Whether who waits for the descriptor goes on where this is called, rather than on the thread pool.</summary>
    protected bool GoesOnHere()
    {
        // After a relief two threads may be here.
        if (Outside <= 0)
            return !Loop.IsShortHanded;
        Outside--;
        return false;
    }
}
