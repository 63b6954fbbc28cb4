namespace Codomyrmex.Networking.Resilience;

/// <summary>What a server said about its limits, for all processes that share them.</summary>
/// <param name="Key">Whose limit.</param>
/// <param name="Pause">How long nobody is to send anything; null where it did not say.</param>
/// <param name="Quotas">Its quotas.</param>
public readonly record struct SharedReport(string Key, TimeSpan? Pause, IReadOnlyList<RateLimitQuota> Quotas);
