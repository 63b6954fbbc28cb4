namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a machine did with a host since its last commit. To take one in again does no harm.</summary>
[GenerateSerializer, Immutable]
internal sealed record HostCommit
{
    [Id(0)]
    public required string Opening { get; init; }

    /// <summary>Counts the commits of an opening, from 1.</summary>
    [Id(1)]
    public long Number { get; init; }

    /// <summary>How many URLs of the host the machine was told of.</summary>
    [Id(2)]
    public int Known { get; init; }

    /// <summary>The most URLs of the host that may be known.</summary>
    [Id(3)]
    public int MostUrls { get; init; }

    /// <summary>URLs of the host that were found, and what became of others.</summary>
    [Id(4)]
    public UrlEntry[] Entries { get; init; } = [];

    /// <summary>URLs of other hosts that were found.</summary>
    [Id(5)]
    public UrlEntry[] Elsewhere { get; init; } = [];

    /// <summary>Of the outbox, what has arrived.</summary>
    [Id(6)]
    public UInt128[] Delivered { get; init; } = [];

    [Id(7)]
    public HostCounters Counters { get; init; } = HostCounters.None;

    [Id(8)]
    public TimeSpan Delay { get; init; }

    /// <summary>How long the host is to be left alone from now on.</summary>
    [Id(9)]
    public TimeSpan Wait { get; init; }

    [Id(10)]
    public int FailuresInARow { get; init; }

    [Id(11)]
    public bool IsPostponed { get; init; }

    /// <summary>What the host said, where it was asked since.</summary>
    [Id(12)]
    public GreetingDocument? Greeting { get; init; }

    /// <summary>Whether nothing was left to do when it was made.</summary>
    [Id(13)]
    public bool IsLast { get; init; }
}
