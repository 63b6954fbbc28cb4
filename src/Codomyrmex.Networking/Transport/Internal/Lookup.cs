using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// How a look-up ended, in a form that many callers can share: a failure is kept as its facts, and every caller gets an exception
/// of its own, because an exception carries the stack and the elapsed time of one call.
/// </summary>
internal sealed record Lookup(IPAddress[] Addresses, NetworkFailure? Failure, Exception? Cause, TimeSpan? TimeToLive)
{
    internal static Lookup Found(IPAddress[] addresses, TimeSpan? timeToLive) => new(addresses, null, null, timeToLive);

    internal static Lookup Failed(NetworkFailure failure, Exception? cause = null) => new([], failure, cause, null);

    /// <summary>Until when it counts, in the clock's timestamps. Set by the cache.</summary>
    internal long Expires { get; init; }

    internal NetworkException ToException(Endpoint endpoint, TimeSpan elapsed) =>
        (Failure! with { Endpoint = endpoint, Elapsed = elapsed }).ToException(Cause);
}
