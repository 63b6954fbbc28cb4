namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What a host says before its first page.</summary>
/// <param name="Robots">Its robots.txt; null where it cannot be had now, which forbids everything for now.</param>
/// <param name="RetryAfter">How long it asks to be left alone, where it does.</param>
/// <param name="IsDenied">Whether it is the egress policy that forbids everything.</param>
internal readonly record struct HostGreeting(RobotsFile? Robots, TimeSpan? RetryAfter = null, bool IsDenied = false);
