namespace Codomyrmex.Networking.Fleet;

/// <summary>How far a campaign has come. What is counted is written down; what is under way beyond that is not.</summary>
public sealed record CampaignStatus
{
    /// <summary>Its name for programs.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it goes on.</summary>
    public required CampaignState State { get; init; }

    /// <summary>Which plan of the campaign is in force, from 1.</summary>
    public required int PlanVersion { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The targets as they were written; of very many, the first ones.</summary>
    public required string Targets { get; init; }

    /// <summary>The ports as they were written.</summary>
    public required string Ports { get; init; }

    /// <summary>Addresses of the plan in force.</summary>
    public required long Hosts { get; init; }

    /// <summary>Pairs of an address and a port, of all plans that it had.</summary>
    public required long Cells { get; init; }

    /// <summary>Of these, how many are done. Fewer than <see cref="Cells"/> when it is completed, where the plan in force leaves some out.</summary>
    public required long CellsDone { get; init; }

    /// <summary>Ports found open.</summary>
    public required long Open { get; init; }

    /// <summary>Ports found closed.</summary>
    public required long Closed { get; init; }

    /// <summary>Ports found filtered.</summary>
    public required long Filtered { get; init; }

    /// <summary>Ports of UDP that are open or filtered.</summary>
    public required long OpenOrFiltered { get; init; }

    /// <summary>Probes sent, discovery and repeats included, as far as they are written down.</summary>
    public required long Probes { get; init; }

    /// <summary>Shards that the campaign is cut into.</summary>
    public required int Shards { get; init; }

    /// <summary>Shards that are done.</summary>
    public required int ShardsDone { get; init; }

    /// <summary>The cap on probes a second of all machines together; null for none.</summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>The cap for each address; null for none.</summary>
    public int? ProbesPerSecondPerHost { get; init; }

    /// <summary>The cap for each network; null for none.</summary>
    public int? ProbesPerSecondPerNetwork { get; init; }

    /// <summary>Probes a second that may be sent at this moment: what machines have leave for. Never more than <see cref="ProbesPerSecond"/>.</summary>
    public required double Allowed { get; init; }

    /// <summary>How long nobody may probe yet, after the machine that gave leave was lost; usually zero.</summary>
    public required TimeSpan Waits { get; init; }

    /// <summary>The machines that work on it.</summary>
    public required IReadOnlyList<MachineStatus> Machines { get; init; }
}
