using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// A private cache (RFC 9111) for <see cref="HTTPClientOptions.Cache"/>, in memory and, where a directory is given, on disk. One cache may serve
/// many clients: what was answered to one set of credentials, or through other transport settings (policy, TLS, proxy, resolver …), is never given
/// to another. Thread-safe.
/// </summary>
/// <remarks>
/// Answers to GET are kept as the server allows (<c>Cache-Control</c>, <c>Expires</c>, a tenth of the time since <c>Last-Modified</c>), told apart
/// by <c>Vary</c>, confirmed with <c>ETag</c> or <c>Last-Modified</c>, and dropped when a request changes the resource. A request's own
/// <c>Cache-Control</c> is obeyed: <c>no-store</c> passes the cache by, <c>no-cache</c> asks the server, <c>only-if-cached</c> sends nothing
/// and is answered 504 where nothing fits.
/// </remarks>
public sealed class HttpCache
{
    private const int VariantsKept = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Resource>> _resources = new(StringComparer.Ordinal);
    private readonly LinkedList<Resource> _byUse = new();
    private readonly CacheDirectory? _directory;
    private readonly long[] _changes = new long[256];
    private long _bytes;

    /// <summary>Makes a cache.</summary>
    /// <param name="options">Its size and place; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    /// <exception cref="IOException">The directory cannot be made or read.</exception>
    public HttpCache(HttpCacheOptions? options = null)
    {
        Options = options ?? HttpCacheOptions.Default;
        Options.Validate();
        _directory = Options.Directory is { } path ? new CacheDirectory(path, Options.DiskBytes) : null;
    }

    /// <summary>The size and place.</summary>
    public HttpCacheOptions Options { get; }

    /// <summary>Bytes in memory, fields included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Forgets everything, on disk too.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _resources.Clear();
            _byUse.Clear();
            _bytes = 0;
            _directory?.Clear();
            for (var i = 0; i < _changes.Length; i++)
                _changes[i]++;
        }
    }

    /// <summary>Forgets what is stored for a URL, on disk too.</summary>
    /// <param name="url">The absolute URL; its fragment does not count.</param>
    public void Remove(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var key = CacheRecord.UrlOf(url);
        lock (_lock)
        {
            if (_resources.GetValueOrDefault(key) is { } node)
                Drop(node);
            _directory?.Remove(key);
            _changes[Slot(key)]++;
        }
    }

    /// <summary>How often what is known of a URL was made worthless (counted together with that of a few other URLs).</summary>
    internal long ChangesOf(string url)
    {
        lock (_lock)
            return _changes[Slot(url)];
    }

    internal CacheEntry? Find(string url, string caller, WireRequest request)
    {
        lock (_lock)
        {
            var node = _resources.GetValueOrDefault(url) ?? Load(url);
            if (node is null)
                return null;
            // One that has just been read and is too large for memory is used all the same.
            if (node.List is not null)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            // The latest that fits (section 4.1).
            foreach (var entry in node.Value.Entries)
            {
                if (entry.Fits(caller, request))
                    return entry;
            }
            return null;
        }
    }

    /// <summary>Keeps an answer, unless what it is about has been changed since the request for it began.</summary>
    internal void Store(CacheEntry entry, long changes)
    {
        var url = entry.Record.Url;
        lock (_lock)
        {
            if (_changes[Slot(url)] != changes)
                return;
            var before = _resources.GetValueOrDefault(url) ?? Load(url);
            List<CacheEntry> entries = [entry, .. before?.Value.Entries.Where(other => !other.Record.IsSameVariant(entry.Record)) ?? []];
            if (entries.Count > VariantsKept)
                entries.RemoveRange(VariantsKept, entries.Count - VariantsKept);
            if (before is not null)
                Drop(before);
            Keep(url, entries);
            _directory?.Write(url, entries);
        }
    }

    private int Slot(string url) => (int)((uint)string.GetHashCode(url, StringComparison.Ordinal) % _changes.Length);

    private LinkedListNode<Resource>? Load(string url) => _directory?.Read(url) is { Count: > 0 } entries ? Keep(url, entries) : null;

    private LinkedListNode<Resource> Keep(string url, List<CacheEntry> entries)
    {
        var node = _resources[url] = _byUse.AddFirst(new Resource(url, entries));
        _bytes += node.Value.Size;
        while (_bytes > Options.MemoryBytes && _byUse.Last is { } oldest)
            Drop(oldest);
        return node;
    }

    private void Drop(LinkedListNode<Resource> node)
    {
        // One that was too large for memory has gone already.
        if (node.List is null)
            return;
        _byUse.Remove(node);
        _resources.Remove(node.Value.Url);
        _bytes -= node.Value.Size;
    }

    private sealed record Resource(string Url, List<CacheEntry> Entries)
    {
        public long Size { get; } = Entries.Sum(static entry => entry.Size);
    }
}
