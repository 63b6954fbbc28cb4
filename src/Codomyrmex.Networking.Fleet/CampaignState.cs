namespace Codomyrmex.Networking.Fleet;

/// <summary>Whether a campaign goes on.</summary>
public enum CampaignState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It rests until it is resumed; nothing is sent.</summary>
    Paused,

    /// <summary>It was ended before it was done. What was found is kept.</summary>
    Cancelled,

    /// <summary>All of its plan is done.</summary>
    Completed,
}
