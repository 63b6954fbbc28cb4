using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>What a machine of the fleet logs.</summary>
internal static partial class FleetLog
{
    [LoggerMessage(1, LogLevel.Warning, "The state of campaign {Campaign} could not be written; no lease is given until it can.")]
    public static partial void StateNotWritten(this ILogger logger, string campaign, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "Campaign {Campaign} did not renew the lease of this machine; what it probes stops when the lease is over.")]
    public static partial void NotRenewed(this ILogger logger, string campaign, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "The lease of campaign {Campaign} is over: probing has stopped, and what was silent meanwhile is asked again.")]
    public static partial void LeaseOver(this ILogger logger, string campaign);

    [LoggerMessage(4, LogLevel.Warning, "Shard {Shard} of campaign {Campaign} failed and is tried again.")]
    public static partial void ShardFailed(this ILogger logger, string campaign, string shard, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "The fleet does not say which campaigns go on.")]
    public static partial void NotPolled(this ILogger logger, Exception error);

    [LoggerMessage(7, LogLevel.Warning, "Host {Origin} of crawl {Crawl}: what was found could not be written down or told to others; it is tried again.")]
    public static partial void HostFailed(this ILogger logger, string crawl, string origin, Exception error);

    [LoggerMessage(8, LogLevel.Warning, "The lease of crawl {Crawl} is over: nothing more is asked, and what was under way is given up.")]
    public static partial void CrawlLeaseOver(this ILogger logger, string crawl);

    [LoggerMessage(6, LogLevel.Error, "This machine is no longer of the fleet: {Context}")]
    public static partial void ShutOut(this ILogger logger, string context, Exception? error);
}
