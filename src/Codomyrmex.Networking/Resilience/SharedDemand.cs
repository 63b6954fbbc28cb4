namespace Codomyrmex.Networking.Resilience;

/// <summary>What one request needs of a shared limit, and the limit.</summary>
/// <param name="Key">Whose limit: the host and port, or what <see cref="HostLimitOptions.Key"/> gave.</param>
/// <param name="RequestsPerSecond">The rate that all processes keep together; null for none.</param>
/// <param name="Burst">Requests that may follow each other at once.</param>
/// <param name="Tokens">The tokens that the request is expected to cost.</param>
public readonly record struct SharedDemand(string Key, double? RequestsPerSecond, int Burst, long Tokens);
