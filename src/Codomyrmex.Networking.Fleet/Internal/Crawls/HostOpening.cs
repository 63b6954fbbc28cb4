namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A host as a machine takes it up.</summary>
[GenerateSerializer, Immutable]
internal sealed record HostOpening
{
    /// <summary>What the machine's commits are known by.</summary>
    [Id(0)]
    public required string Opening { get; init; }

    /// <summary>How many URLs there are.</summary>
    [Id(1)]
    public int Known { get; init; }

    /// <summary>Whether it was begun with before: by somebody who may have asked it a moment ago.</summary>
    [Id(2)]
    public bool WasBegun { get; init; }

    [Id(3)]
    public TimeSpan Delay { get; init; }

    /// <summary>How long it is to be left alone.</summary>
    [Id(4)]
    public TimeSpan Wait { get; init; }

    [Id(5)]
    public int FailuresInARow { get; init; }

    [Id(6)]
    public required GreetingDocument Greeting { get; init; }

    [Id(7)]
    public required UrlEntry[] Outbox { get; init; }

    [Id(8)]
    public required HostTotals Totals { get; init; }
}
