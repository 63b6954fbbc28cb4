namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What was done with a host, as it is written down.</summary>
[GenerateSerializer, Immutable]
internal sealed record HostTotals
{
    public static HostTotals None { get; } = new();

    [Id(0)]
    public long Urls { get; init; }

    /// <summary>URLs that wait.</summary>
    [Id(1)]
    public long Pending { get; init; }

    /// <summary>Of these, how many are of hosts that are left alone.</summary>
    [Id(2)]
    public long Postponed { get; init; }

    [Id(3)]
    public long Pages { get; init; }

    [Id(4)]
    public long Failed { get; init; }

    [Id(5)]
    public long Duplicates { get; init; }

    [Id(6)]
    public long SoftNotFound { get; init; }

    [Id(7)]
    public long Bytes { get; init; }

    [Id(8)]
    public HostCounters Counters { get; init; } = HostCounters.None;

    /// <summary>Whether it says the same in all that is worth to be written down.</summary>
    public bool IsAs(HostTotals other) => (Urls, Pending, Pages, Counters.Requests) == (other.Urls, other.Pending, other.Pages, other.Counters.Requests);

    public static HostTotals operator +(HostTotals one, HostTotals other) => one.Plus(other, 1);

    public static HostTotals operator -(HostTotals one, HostTotals other) => one.Plus(other, -1);

    private HostTotals Plus(HostTotals other, int times) => new()
    {
        Urls = Urls + times * other.Urls,
        Pending = Pending + times * other.Pending,
        Postponed = Postponed + times * other.Postponed,
        Pages = Pages + times * other.Pages,
        Failed = Failed + times * other.Failed,
        Duplicates = Duplicates + times * other.Duplicates,
        SoftNotFound = SoftNotFound + times * other.SoftNotFound,
        Bytes = Bytes + times * other.Bytes,
        Counters = Counters.Plus(other.Counters, times),
    };
}
