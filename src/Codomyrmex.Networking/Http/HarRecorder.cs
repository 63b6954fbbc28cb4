using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Writes down what clients send and get, as an HTTP Archive (HAR 1.2) that browsers and proxies open: for <see cref="HTTPClientOptions.Har"/>. One entry for each
/// request that went to the wire: every redirect, every attempt. Thread-safe.
/// </summary>
/// <remarks>
/// Secret fields, cookies and query values are masked before they are kept. Of bodies, size and type are written down; what is in them only where
/// <see cref="HarOptions.BodyBytes"/> asks for it.
/// </remarks>
public sealed class HarRecorder
{
    private readonly Lock _lock = new();
    private readonly Queue<HarEntry> _entries = new();
    private readonly Queue<HarBody> _bodies = new();
    private long _bytes;

    /// <summary>Makes an empty recorder, without bodies.</summary>
    /// <param name="limit">Entries kept; the oldest go first. The default value is 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is less than 1.</exception>
    public HarRecorder(int limit = 10_000) : this(new HarOptions { Entries = limit })
    {
    }

    /// <summary>Makes an empty recorder.</summary>
    /// <param name="options">What it keeps.</param>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public HarRecorder(HarOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
    }

    /// <summary>What it keeps.</summary>
    public HarOptions Options { get; }

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
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        HarEntry[] entries;
        lock (_lock)
            entries = [.. _entries];
        await HarBody.DecodeAsync(entries, Options.BodyBytes, cancellationToken).ConfigureAwait(false);
        await StateFile.WriteAsync(path, HarDocument.Write(entries), cancellationToken).ConfigureAwait(false);
    }

    internal void Add(HarEntry entry)
    {
        lock (_lock)
        {
            if (_entries.Count == Options.Entries)
                _entries.Dequeue();
            _entries.Enqueue(entry);
        }
    }

    /// <summary>Takes a body's bytes in; the oldest make room.</summary>
    internal void Fill(HarBody body, byte[] bytes)
    {
        lock (_lock)
        {
            body.Wire = bytes;
            _bodies.Enqueue(body);
            _bytes += bytes.Length;
            while (_bytes > Options.TotalBodyBytes && _bodies.TryDequeue(out var oldest))
            {
                _bytes -= oldest.Wire!.Length;
                oldest.Wire = null;
            }
        }
    }
}
