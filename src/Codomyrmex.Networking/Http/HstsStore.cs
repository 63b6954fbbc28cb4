using System.Text.Json;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Hosts that said that they are for https alone (RFC 6797), for <see cref="HTTPClientOptions.Hsts"/>; several clients may share a store. A plain http URL of one, a
/// caller's or a redirect's, becomes https before the egress policy is asked and anything is sent. Thread-safe.
/// </summary>
/// <remarks>What a host says counts where it came over https with a certificate that was checked. Addresses are not hosts in this sense.</remarks>
public sealed class HstsStore
{
    private const int MostHosts = 10_000;
    private const long LargestFile = 16L * 1024 * 1024;

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HstsHost> _hosts = new(StringComparer.Ordinal);

    /// <summary>Makes an empty store.</summary>
    /// <param name="clock">The clock; null for the system's.</param>
    public HstsStore(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>The hosts of which it still holds, in the order of their names.</summary>
    public IReadOnlyList<HstsHost> Hosts
    {
        get
        {
            var now = _clock.GetUtcNow();
            lock (_lock)
                return [.. _hosts.Values.Where(host => host.ExpiresAt > now).OrderBy(host => host.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether a host is for https alone: by its own word, or by that of a name above it.</summary>
    /// <param name="host">A name in any spelling: letter case, a dot at its end and international characters make no difference.</param>
    public bool Covers(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var text = HostText.Parse(host);
        return text is { Problem: null, IsAddress: false } && CoversCanonical(text.Canonical());
    }

    /// <summary>Adds a host as if it had said so.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="maxAge">For how long; zero or less forgets the host.</param>
    /// <param name="includeSubdomains">Whether every name below it is meant too.</param>
    /// <exception cref="ArgumentException">It is no name.</exception>
    public void Add(string host, TimeSpan maxAge, bool includeSubdomains = false)
    {
        ArgumentNullException.ThrowIfNull(host);
        var text = HostText.Parse(host);
        if (text.Problem is not null || text.IsAddress)
            throw new ArgumentException($"'{Printable.Text(host)}' is not a name of a host.", nameof(host));
        Add(text.Canonical(), (long)Math.Min(Math.Ceiling(maxAge.TotalSeconds), HstsField.LongestAge), includeSubdomains);
    }

    /// <summary>Forgets every host.</summary>
    public void Clear()
    {
        lock (_lock)
            _hosts.Clear();
    }

    /// <summary>Opens a store that was saved; one that is empty where there is no such file yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="FormatException">The file is no such store; the message says what is wrong and where. The file stays as it is.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<HstsStore> LoadAsync(string path, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var store = new HstsStore(clock);
        if (await StateFile.ReadAsync(path, LargestFile, cancellationToken).ConfigureAwait(false) is { } bytes)
        {
            foreach (var host in HstsFile.Read(bytes, path))
                store._hosts[host.Name] = host;
        }
        return store;
    }

    /// <summary>Writes the store: beside the file, readable by its owner alone, then in its place. Whatever happens, the file is whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up; the file stays as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new HstsFile { Hosts = [.. Hosts] };
        return StateFile.WriteAsync(path, JsonSerializer.SerializeToUtf8Bytes(file, StateJson.Readable.HstsFile), cancellationToken);
    }

    internal void Learn(Uri url, string host, string field)
    {
        if (url.Scheme is "https" or "wss" && !PublicSuffixes.IsAddress(host) && HstsField.Parse(field) is { } said)
            Add(host, said.MaxAge, said.IncludesSubdomains);
    }

    /// <summary>The URL over https where its host is for https alone: port 80 becomes 443, any other stays (section 8.3); null where the URL stays as it is.</summary>
    internal Uri? Upgraded(ParsedUrl url)
    {
        var (host, port) = url.Endpoint;
        if (url.Uri.Scheme != "http" || PublicSuffixes.IsAddress(host) || !CoversCanonical(host))
            return null;
        return new Uri($"https://{UrlAuthority.Of(host, port == 80 ? null : port)}{url.Uri.PathAndQuery}{url.Uri.Fragment}");
    }

    private bool CoversCanonical(string name)
    {
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            if (_hosts.Count == 0)
                return false;
            var lookup = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var rest = name.AsSpan(); ; rest = rest[(rest.IndexOf('.') + 1)..])
            {
                // A name above stands for itself: what a name below says does not change how long (CVE-2024-9681).
                if (lookup.TryGetValue(rest, out var host) && host.ExpiresAt > now && (host.IncludesSubdomains || rest.Length == name.Length))
                    return true;
                if (!rest.Contains('.'))
                    return false;
            }
        }
    }

    private void Add(string name, long seconds, bool includesSubdomains)
    {
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            if (seconds <= 0)
            {
                _hosts.Remove(name);
                return;
            }
            _hosts[name] = new HstsHost(name, includesSubdomains, now.AddSeconds(seconds));
            if (_hosts.Count > MostHosts)
                _hosts.Remove(_hosts.Values.MinBy(host => host.ExpiresAt)!.Name);
        }
    }
}
