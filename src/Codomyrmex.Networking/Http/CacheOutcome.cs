namespace Codomyrmex.Networking.Http;

/// <summary>What the cache did for a response (RFC 9111; the words of RFC 9211).</summary>
public enum CacheOutcome : byte
{
    /// <summary>The client has no cache, or the request was not one for it.</summary>
    None,

    /// <summary>Nothing that fits was stored: the server answered.</summary>
    Miss,

    /// <summary>A stored answer, still fresh. Nothing was sent.</summary>
    Hit,

    /// <summary>A stored answer that the server has just confirmed (304).</summary>
    Revalidated,

    /// <summary>A stored answer past its time, because the request allows it or the server failed (<c>stale-if-error</c>, RFC 5861).</summary>
    Stale,
}
