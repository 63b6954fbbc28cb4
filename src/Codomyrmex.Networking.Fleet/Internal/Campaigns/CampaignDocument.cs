namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a campaign's grain keeps: little, since it is written every few seconds while leases are given.</summary>
internal sealed class CampaignDocument
{
    public CampaignState State { get; set; }

    public int PlanVersion { get; set; }

    /// <summary>The key of the plan in force. No two plans have the same, so nobody can write over one that is in force.</summary>
    public string PlanKey { get; set; } = "";

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public List<PartDocument> Parts { get; set; } = [];

    /// <summary>The keys of all plans but the first one's, each written here before it is written itself.</summary>
    public List<string> Plans { get; set; } = [];

    /// <summary>Whether it is being forgotten: for everybody else it is gone.</summary>
    public bool IsForgotten { get; set; }
}
