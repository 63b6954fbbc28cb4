namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a machine may do for a while.</summary>
[GenerateSerializer, Immutable]
internal sealed record CrawlReply
{
    /// <summary>Whether it says anything; if not, what was said before holds for as long as it does.</summary>
    [Id(0)]
    public bool IsLease { get; init; }

    /// <summary>How long, from when the machine asked.</summary>
    [Id(1)]
    public TimeSpan Time { get; init; }

    /// <summary>The hosts that are the machine's: all others it leaves alone.</summary>
    [Id(2)]
    public HostName[] Hosts { get; init; } = [];

    /// <summary>Pages that it may begin, counted from when it asked.</summary>
    [Id(3)]
    public int Pages { get; init; }

    /// <summary>When to ask again.</summary>
    [Id(4)]
    public TimeSpan Next { get; init; }

    /// <summary>Whether there is nothing to do here any more.</summary>
    [Id(5)]
    public bool IsOver { get; init; }

    /// <summary>The plan, where it was asked for.</summary>
    [Id(6)]
    public CrawlText? Plan { get; init; }
}
