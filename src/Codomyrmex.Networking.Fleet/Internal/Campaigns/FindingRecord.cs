namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>An open port as it is kept: once for its cell.</summary>
[GenerateSerializer, Immutable]
internal sealed record FindingRecord
{
    [Id(0)]
    public int Cell { get; init; }

    [Id(1)]
    public required string Host { get; init; }

    [Id(2)]
    public required string Address { get; init; }

    [Id(3)]
    public int Port { get; init; }

    [Id(4)]
    public int Protocol { get; init; }

    [Id(5)]
    public int Reason { get; init; }

    /// <summary>Microseconds; -1 for none.</summary>
    [Id(6)]
    public long RoundTrip { get; init; } = -1;

    /// <summary>What listens there, as JSON; null where nobody asked, or nothing was recognised.</summary>
    [Id(7)]
    public string? Service { get; init; }
}
