namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Engines for those who have no client to keep one: one for each set of transport settings, as long as somebody uses it and a moment more. So streams of the same settings
/// share an HTTP/2 connection, and others never do. Thread-safe.
/// </summary>
internal static class SharedHandlers
{
    // For the last frames to leave, and for who comes next.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<(TransportOptions Options, TimeProvider Clock), Entry> Entries = [];
    private static readonly Lock Gate = new();

    /// <summary>Takes the engine of such settings into use.</summary>
    public static Lease Rent(TransportOptions options, int headerBytes, TimeProvider clock)
    {
        lock (Gate)
        {
            var key = (options, clock);
            if (!Entries.TryGetValue(key, out var entry))
                Entries.Add(key, entry = new Entry(new HttpHandler(options, headerBytes, new PoolLedger(), clock)));
            entry.Users++;
            return new Lease(entry, key);
        }
    }

    private static void Release(Entry entry, (TransportOptions Options, TimeProvider Clock) key)
    {
        lock (Gate)
        {
            if (--entry.Users > 0)
                return;
            entry.Closing?.Dispose();
            entry.Closing = key.Clock.CreateTimer(_ => CloseIfUnused(entry, key), null, Linger, Timeout.InfiniteTimeSpan);
        }
    }

    private static void CloseIfUnused(Entry entry, (TransportOptions Options, TimeProvider Clock) key)
    {
        lock (Gate)
        {
            if (entry.Users > 0)
                return;
            entry.Closing?.Dispose();
            Entries.Remove(key);
        }
        entry.Handler.Dispose();
    }

    /// <summary>The use of an engine, until it is disposed of.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly (TransportOptions Options, TimeProvider Clock) _key;
        private Entry? _entry;

        internal Lease(Entry entry, (TransportOptions Options, TimeProvider Clock) key)
        {
            (_entry, _key) = (entry, key);
            Handler = entry.Handler;
        }

        public HttpHandler Handler { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _entry, null) is { } entry)
                Release(entry, _key);
        }
    }

    internal sealed class Entry(HttpHandler handler)
    {
        public HttpHandler Handler => handler;

        public int Users { get; set; }

        public ITimer? Closing { get; set; }
    }
}
