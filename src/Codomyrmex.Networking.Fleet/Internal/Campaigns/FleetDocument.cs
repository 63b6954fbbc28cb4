namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What the fleet's grain keeps.</summary>
internal sealed class FleetDocument
{
    /// <summary>All campaigns, oldest first.</summary>
    public List<string> Campaigns { get; set; } = [];

    /// <summary>Those that go on.</summary>
    public HashSet<string> Active { get; set; } = [];
}
