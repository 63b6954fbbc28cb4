namespace Codomyrmex.Networking;

/// <summary>One quota as a server states it. What it does not state is null.</summary>
/// <param name="Name">The server's name for it (<c>requests</c>, <c>input-tokens</c>, <c>core</c>); <c>default</c> where it gives none.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Limit">How much a window allows.</param>
/// <param name="Remaining">How much is left of it.</param>
/// <param name="ResetsAt">When it is full again, on this machine's clock.</param>
/// <param name="Window">The length of a window.</param>
public readonly record struct RateLimitQuota(
    string Name, RateLimitUnit Unit, long? Limit = null, long? Remaining = null, DateTimeOffset? ResetsAt = null, TimeSpan? Window = null);
