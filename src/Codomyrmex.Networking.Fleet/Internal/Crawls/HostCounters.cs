using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What cannot be told from the URLs of a host and what became of them.</summary>
[GenerateSerializer, Immutable]
internal sealed record HostCounters
{
    public static HostCounters None { get; } = new();

    [Id(0)]
    public long Requests { get; init; }

    [Id(1)]
    public long Redirects { get; init; }

    [Id(2)]
    public long Retries { get; init; }

    [Id(3)]
    public long SlowDowns { get; init; }

    /// <summary>By the number of <see cref="SkipReason"/>; missing at the end where there are none.</summary>
    [Id(4)]
    public long[] Skipped { get; init; } = [];

    public static HostCounters Of(CrawlStatistics done) => new()
    {
        Requests = done.Requests,
        Redirects = done.Redirects,
        Retries = done.Retries,
        SlowDowns = done.SlowDowns,
        Skipped = done.Skipped.Count == 0 ? [] : [.. Enumerable.Range(0, (int)done.Skipped.Keys.Max() + 1).Select(reason => done.Skipped.GetValueOrDefault((SkipReason)reason))],
    };

    public HostCounters Plus(HostCounters other, int times) => new()
    {
        Requests = Requests + times * other.Requests,
        Redirects = Redirects + times * other.Redirects,
        Retries = Retries + times * other.Retries,
        SlowDowns = SlowDowns + times * other.SlowDowns,
        Skipped = [.. Enumerable.Range(0, Math.Max(Skipped.Length, other.Skipped.Length)).Select(reason => Skipped.ElementAtOrDefault(reason) + times * other.Skipped.ElementAtOrDefault(reason))],
    };
}
