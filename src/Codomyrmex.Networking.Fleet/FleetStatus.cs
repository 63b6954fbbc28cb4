namespace Codomyrmex.Networking.Fleet;

/// <summary>A fleet as it stands.</summary>
public sealed record FleetStatus
{
    /// <summary>The machines that are up.</summary>
    public required IReadOnlyList<MachineStatus> Machines { get; init; }

    /// <summary>The campaigns, oldest first.</summary>
    public required IReadOnlyList<CampaignStatus> Campaigns { get; init; }

    /// <summary>The crawls, oldest first.</summary>
    public required IReadOnlyList<CrawlStatus> Crawls { get; init; }
}
