namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A machine asks for hosts of a crawl, and tells how far it is.</summary>
[GenerateSerializer, Immutable]
internal sealed record CrawlRequest
{
    /// <summary>The machine, and when it was started: who starts again is another one.</summary>
    [Id(0)]
    public required string Machine { get; init; }

    /// <summary>Its name, for people.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Counts the requests of this machine, so that one which was overtaken is recognised.</summary>
    [Id(2)]
    public long Sequence { get; init; }

    /// <summary>The hosts that it may be asking at this moment: all others it leaves alone until it is given them again.</summary>
    [Id(3)]
    public int[] Held { get; init; } = [];

    /// <summary>The most hosts that it can have.</summary>
    [Id(4)]
    public int Room { get; init; }

    /// <summary>Where hosts stand.</summary>
    [Id(5)]
    public HostProgress[] Hosts { get; init; } = [];

    /// <summary>Pages that it has begun and that are in no host's totals yet.</summary>
    [Id(6)]
    public int UnderWay { get; init; }

    /// <summary>Pages that it may still begin.</summary>
    [Id(7)]
    public int Left { get; init; }

    /// <summary>Pages that it could begin until it asks again.</summary>
    [Id(8)]
    public int Wants { get; init; }

    /// <summary>Whether it does not have the plan yet.</summary>
    [Id(9)]
    public bool NeedsPlan { get; init; }

    /// <summary>Whether it stops: its hosts are free at once.</summary>
    [Id(10)]
    public bool IsLeaving { get; init; }
}
