using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Writes down what clients send and get, as an HTTP Archive (HAR 1.2) that browsers and proxies open: for <see cref="HTTPClientOptions.Har"/>. One entry for each
/// request that went to the wire: every redirect, every attempt. Thread-safe.
/// </summary>
/// <remarks>
/// Secret fields, cookies and query values are masked before they are kept. Of bodies, size and type are written down, not what is in them: there is no telling
/// which of it is secret.
/// </remarks>
public sealed class HarRecorder
{
    private readonly Lock _lock = new();
    private readonly Queue<HarEntry> _entries = new();
    private readonly int _limit;

    /// <summary>Makes an empty recorder.</summary>
    /// <param name="limit">Entries kept; the oldest go first. The default value is 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is less than 1.</exception>
    public HarRecorder(int limit = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _limit = limit;
    }

    /// <summary>How many entries there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Writes the archive: beside the file, readable by its owner alone, then in its place.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up; the file stays as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        HarEntry[] entries;
        lock (_lock)
            entries = [.. _entries];
        return StateFile.WriteAsync(path, HarDocument.Write(entries), cancellationToken);
    }

    internal void Add(HarEntry entry)
    {
        lock (_lock)
        {
            if (_entries.Count == _limit)
                _entries.Dequeue();
            _entries.Enqueue(entry);
        }
    }
}
