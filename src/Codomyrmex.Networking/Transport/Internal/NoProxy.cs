namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Which targets are reached without the proxy. Parsed once; thread-safe.</summary>
/// <remarks>
/// A name covers itself and its subdomains, however it is written (<c>example.com</c>, <c>.example.com</c>, <c>*.example.com</c>); an address
/// or a range covers address literals only: names are not resolved for this. Case and a trailing dot make no difference.
/// </remarks>
internal sealed class NoProxy
{
    private readonly NoProxyEntry[] _entries;

    private NoProxy(NoProxyEntry[] entries) => _entries = entries;

    /// <summary>Reads the entries of <see cref="ProxyOptions.NoProxy"/>.</summary>
    /// <exception cref="FormatException">An entry is malformed; the message names it.</exception>
    public static NoProxy Parse(IReadOnlyList<string> entries) => new([.. entries.Select(NoProxyEntry.Parse)]);

    /// <summary>Whether the target is reached directly.</summary>
    /// <param name="host">Name or address literal; brackets around IPv6 are accepted.</param>
    /// <param name="port">Port.</param>
    public bool Bypasses(string host, int port)
    {
        if (_entries.Length == 0)
            return false;
        var target = HostText.Parse(host);
        foreach (var entry in _entries)
        {
            if (entry.Covers(target, port))
                return true;
        }
        return false;
    }
}
