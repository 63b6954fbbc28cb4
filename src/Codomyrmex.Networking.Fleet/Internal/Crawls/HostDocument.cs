namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a host's grain keeps beside its URLs.</summary>
internal sealed class HostDocument
{
    /// <summary>How often an activation of the grain has begun.</summary>
    public long Term { get; set; }

    /// <summary>How often a machine has begun with the host.</summary>
    public int Openings { get; set; }

    /// <summary>The last commit that was taken in, so that what it counted is not counted twice.</summary>
    public string Opening { get; set; } = "";

    public long Commit { get; set; }

    public HostCounters Counters { get; set; } = HostCounters.None;

    /// <summary>The pause that its answers have come to.</summary>
    public TimeSpan Delay { get; set; }

    public int FailuresInARow { get; set; }

    /// <summary>Until when it is left alone.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Whether it is left alone for good: it failed too often, asks for too long a pause, or had its share of pages.</summary>
    public bool IsPostponed { get; set; }

    /// <summary>How many documents of URLs there may be at most, where so many were written at once that an interrupted write leaves some behind a wide gap.</summary>
    public int Documents { get; set; }

    /// <summary>URLs of other hosts that those have not been told of yet.</summary>
    public List<UrlEntry> Outbox { get; set; } = [];
}
