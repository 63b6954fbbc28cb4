namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Threads for the event loops.</summary>
internal static class LoopThread
{
    /// <summary>
    /// Runs something on a thread of its own, in the background. Where the system has no thread left, on one of the thread pool's: the pool has some already, and
    /// work that waits for one is late and not lost.
    /// </summary>
    public static void Begin(Action work, string name)
    {
        try
        {
            new Thread(() => work()) { IsBackground = true, Name = name }.UnsafeStart();
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
        }
    }
}
