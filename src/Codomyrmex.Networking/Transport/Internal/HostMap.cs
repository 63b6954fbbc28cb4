using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary><see cref="ResolverOptions.Hosts"/>, ready to be asked without allocating. Immutable.</summary>
internal sealed class HostMap
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> _byName;

    internal HostMap(ResolverOptions options)
    {
        _byName = _entries.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (key, addresses) in options.Hosts)
        {
            var (host, port) = Split(key);
            var text = HostText.ParseStrict(host);
            if (text.Problem is not null || text.IsAddress)
                throw new ArgumentException($"ResolverOptions.Hosts: '{Printable.Text(host)}' {text.Problem ?? "is an address, not a name"}.", nameof(options));
            var name = text.Canonical();
            if (!_entries.TryGetValue(name, out var entry))
                _entries.Add(name, entry = new Entry());
            var usable = AddressFilter.Apply(addresses, options.Families);
            if (port == 0)
                entry.AnyPort = usable;
            else
                (entry.ByPort ??= [])[port] = usable;
        }
    }

    /// <summary>The addresses fixed for a name and port, empty where none is of a usable family; null where nothing is fixed.</summary>
    internal IPAddress[]? Find(ReadOnlySpan<char> name, int port)
    {
        if (_entries.Count == 0 || !_byName.TryGetValue(name, out var entry))
            return null;
        return entry.ByPort is not null && entry.ByPort.TryGetValue(port, out var addresses) ? addresses : entry.AnyPort;
    }

    private static (string Host, int Port) Split(string key)
    {
        var colon = key.LastIndexOf(':');
        if (colon < 0)
            return (key, 0);
        if (int.TryParse(key.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            return (key[..colon], port);
        throw new ArgumentException($"ResolverOptions.Hosts: '{key}' has no port from 1 to 65535 after its colon.", nameof(key));
    }

    private sealed class Entry
    {
        public IPAddress[]? AnyPort { get; set; }

        public Dictionary<int, IPAddress[]>? ByPort { get; set; }
    }
}
