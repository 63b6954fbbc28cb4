namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Where the engine gets its hosts from, one after the other.</summary>
internal interface IHostFeed
{
    /// <summary>The next host that may be scanned; null where there are no more.</summary>
    HostScan? Next();
}
