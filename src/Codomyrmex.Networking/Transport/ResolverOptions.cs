using System.Net;

namespace Codomyrmex.Networking.Transport;

/// <summary>How names become addresses. Immutable; two equal values share connections.</summary>
public sealed record ResolverOptions
{
    /// <summary>The defaults: the system's resolver, answers kept for a short time.</summary>
    public static ResolverOptions Default { get; } = new();

    /// <summary>A resolver of your own; beats <see cref="Server"/>. The default value is null: the system's.</summary>
    public IResolver? Custom { get; init; }

    /// <summary>A DNS server to ask directly, over UDP and then TCP where the answer is truncated (RFC 1035). The default value is null.</summary>
    public IPEndPoint? Server { get; init; }

    /// <summary>
    /// Fixed addresses: a host name, or <c>host:port</c> for one port only, to the addresses to use instead of asking.
    /// The default value is empty.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Hosts { get; init; } =
        new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Which address families may be used. The default value is both.</summary>
    public IPFamilies Families { get; init; } = IPFamilies.Both;

    /// <summary>How long an answer without a time to live is kept; zero keeps none. The default value is 10 seconds.</summary>
    public TimeSpan DefaultTimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest any answer is kept. The default value is 5 minutes.</summary>
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a <c>dns.not_found</c> is remembered; zero keeps none. The default value is 1 second.</summary>
    public TimeSpan NegativeTimeToLive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(DefaultTimeToLive, TimeSpan.Zero, "ResolverOptions.DefaultTimeToLive");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTimeToLive, TimeSpan.Zero, "ResolverOptions.MaxTimeToLive");
        ArgumentOutOfRangeException.ThrowIfLessThan(NegativeTimeToLive, TimeSpan.Zero, "ResolverOptions.NegativeTimeToLive");
        foreach (var (host, addresses) in Hosts)
        {
            if (addresses.Count == 0)
                throw new ArgumentException($"ResolverOptions.Hosts: '{host}' has no address.", nameof(Hosts));
        }
    }

    /// <summary>Whether both resolve alike: <see cref="Hosts"/> compares by content, <see cref="Custom"/> as it defines equality.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ResolverOptions? other) =>
        other is not null && Equals(Custom, other.Custom) && Equals(Server, other.Server) && Families == other.Families &&
        DefaultTimeToLive == other.DefaultTimeToLive && MaxTimeToLive == other.MaxTimeToLive && NegativeTimeToLive == other.NegativeTimeToLive &&
        (ReferenceEquals(Hosts, other.Hosts) || (Hosts.Count == other.Hosts.Count && Covers(Hosts, other.Hosts) && Covers(other.Hosts, Hosts)));

    /// <summary>A hash of what <see cref="Equals(ResolverOptions)"/> compares.</summary>
    public override int GetHashCode() =>
        HashCode.Combine(Custom, Server, Families, DefaultTimeToLive, MaxTimeToLive, NegativeTimeToLive, Hosts.Count);

    /// <summary>Asked both ways, since the two may compare names differently.</summary>
    private static bool Covers(IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> all, IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> some) =>
        some.All(entry => all.TryGetValue(entry.Key, out var addresses) && addresses.SequenceEqual(entry.Value));
}
