namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// Keeps connections for those who come again: who asks for the same host and user gets the connection that stands, together with everybody else who uses it, and one that nobody has used for a while
/// is closed. All connections of a pool have the same settings, so a laxer one cannot lend its connection to a stricter one. Thread-safe.
/// </summary>
public sealed class SSHPool : IAsyncDisposable
{
    private readonly SSHClientOptions _options;
    private readonly TimeSpan _idle;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port, string User), Entry> _entries = [];
    private bool _isDisposed;

    /// <summary>Makes a pool.</summary>
    /// <param name="options">How to connect; the port is that of each call.</param>
    /// <param name="idleLifetime">How long a connection that nobody uses stays open; null for 5 minutes.</param>
    public SSHPool(SSHClientOptions options, TimeSpan? idleLifetime = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _idle = idleLifetime ?? TimeSpan.FromMinutes(5);
        if (_idle <= TimeSpan.Zero || _idle > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(idleLifetime), idleLifetime, "More than nothing, and a day at most.");
        // A connection that was lost is replaced where it is next asked for.
        _options = options with { Reconnect = true };
    }

    /// <summary>Connections that stand now, used or not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Values.Count(static entry => entry.Client.IsConnected);
        }
    }

    /// <summary>A connection to a host, made where none stands.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="username">The user there.</param>
    /// <param name="port">Its port; null for that of the options.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <returns>The use of it: to be disposed, which gives the connection back and does not close it.</returns>
    /// <exception cref="NetworkException">No connection could be made.</exception>
    public async Task<SSHLease> RentAsync(string host, string username, int? port = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentException.ThrowIfNullOrEmpty(username);
        var key = (host.ToLowerInvariant(), port ?? _options.Port, username);
        Entry? entry;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_entries.TryGetValue(key, out entry))
                _entries[key] = entry = new Entry(new SSHClient(host, username, _options with { Port = port ?? _options.Port }));
            entry.Users++;
            entry.Timer?.Dispose();
            entry.Timer = null;
        }
        var lease = new SSHLease(entry.Client, () => Return(key, entry));
        try
        {
            await entry.Client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Closes all connections, used or not.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Entry> entries;
        lock (_lock)
        {
            _isDisposed = true;
            entries = [.. _entries.Values];
            _entries.Clear();
            entries.ForEach(static entry => entry.Timer?.Dispose());
        }
        foreach (var entry in entries)
            await entry.Client.DisposeAsync().ConfigureAwait(false);
    }

    private void Return((string Host, int Port, string User) key, Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0 && !_isDisposed)
                entry.Timer = _options.Clock.CreateTimer(_ => Expire(key, entry), null, _idle, Timeout.InfiniteTimeSpan);
        }
    }

    private void Expire((string Host, int Port, string User) key, Entry entry)
    {
        lock (_lock)
        {
            if (entry.Users > 0 || _isDisposed)
                return;
            _entries.Remove(key);
            entry.Timer?.Dispose();
        }
        _ = entry.Client.DisposeAsync().AsTask();
    }

    private sealed class Entry(SSHClient client)
    {
        public SSHClient Client => client;

        public int Users { get; set; }

        public ITimer? Timer { get; set; }
    }
}
