namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What one run learned of a host, for the next one to go on from.</summary>
internal sealed record HostMemory
{
    /// <summary>What robots.txt allows; null where it is not known.</summary>
    public RobotsRules? Rules { get; init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset IntroducedAt { get; init; }

    /// <summary>What the host shows for a page that cannot be there, where that has a good status.</summary>
    public PageSignature? NotFound { get; init; }

    /// <summary>The pause that its answers have come to; null for the one of the options.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>How long it is to be left alone from now on.</summary>
    public TimeSpan Wait { get; init; }

    public int FailuresInARow { get; init; }

    /// <summary>Pages visited.</summary>
    public int Pages { get; init; }
}
