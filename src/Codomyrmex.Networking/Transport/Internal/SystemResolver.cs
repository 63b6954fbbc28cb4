using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The operating system's resolver: hosts file, search list, name service switch. It does not tell a time to live.</summary>
internal sealed class SystemResolver(IPFamilies families, TimeProvider clock) : IResolver
{
    private readonly AddressFamily _family = families switch
    {
        IPFamilies.IPv4 => AddressFamily.InterNetwork,
        IPFamilies.IPv6 => AddressFamily.InterNetworkV6,
        _ => AddressFamily.Unspecified,
    };

    /// <inheritdoc/>
    public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = clock.GetTimestamp();
        try
        {
            var query = Dns.GetHostAddressesAsync(host, _family, cancellationToken);
            // getaddrinfo cannot be interrupted: leave it behind, and see to it that its late failure is not reported as unobserved.
            _ = query.ContinueWith(
                static late => late.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return new ResolvedAddresses(await query.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException error)
        {
            throw Failure(host, error.SocketErrorCode, clock.GetElapsedTime(start)).ToException(error);
        }
        catch (ArgumentException error)
        {
            throw Failure(host, SocketError.HostNotFound, clock.GetElapsedTime(start)).ToException(error);
        }
    }

    /// <summary>What a failure of getaddrinfo means.</summary>
    internal static NetworkFailure Failure(string host, SocketError error, TimeSpan elapsed)
    {
        var (code, what) = error switch
        {
            SocketError.HostNotFound => (ErrorCodes.DnsNotFound, "there is no such name"),
            SocketError.NoData => (ErrorCodes.DnsNotFound, "the name has no address of a usable family"),
            // The system knows no address of this family at all.
            SocketError.AddressFamilyNotSupported => (ErrorCodes.DnsNotFound, "the system does not support the address family"),
            SocketError.TimedOut => (ErrorCodes.DnsTimeout, "the system's resolver did not answer in time"),
            SocketError.TryAgain => (ErrorCodes.DnsServerFailure, "no name server gave an answer for now"),
            SocketError.NoRecovery => (ErrorCodes.DnsServerFailure, "the name server failed"),
            _ => (ErrorCodes.DnsServerFailure, $"the system's resolver failed with {error}"),
        };
        return new NetworkFailure
        {
            Code = code,
            Message = $"Cannot resolve '{host}': {what}.",
            Phase = NetworkPhase.Resolve,
            Endpoint = new Endpoint(host, 0),
            Elapsed = elapsed,
            Attempts = [new Attempt("system resolver", elapsed, code)],
        };
    }
}
