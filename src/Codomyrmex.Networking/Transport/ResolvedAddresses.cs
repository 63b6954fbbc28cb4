using System.Net;

namespace Codomyrmex.Networking.Transport;

/// <summary>What a resolver answered.</summary>
/// <param name="Addresses">The addresses, in the order of preference; not empty.</param>
/// <param name="TimeToLive">How long the answer may be kept; null where the resolver does not say.</param>
public sealed record ResolvedAddresses(IReadOnlyList<IPAddress> Addresses, TimeSpan? TimeToLive = null);
