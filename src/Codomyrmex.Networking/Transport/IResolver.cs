namespace Codomyrmex.Networking.Transport;

/// <summary>Turns a host name into addresses. Implement it to bring your own service discovery; must be safe to call concurrently.</summary>
public interface IResolver
{
    /// <summary>The addresses of a name, in the order of preference. The egress policy is asked about each of them afterwards.</summary>
    /// <param name="host">A host name, never an IP address.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="DNSResolutionException">There is no such name, or its server failed.</exception>
    ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken);
}
