namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>A plan that the fleet has taken: its names resolved, cut into parts. Written once and never changed; a new plan of the campaign is another version.</summary>
[GenerateSerializer]
internal sealed class PlanDocument
{
    [Id(0)]
    public int Version { get; set; }

    [Id(1)]
    public PlanText? Text { get; set; }

    /// <summary>The addresses in force, as ranges.</summary>
    [Id(2)]
    public string[] Targets { get; set; } = [];

    /// <summary>Addresses that the plan calls by a name.</summary>
    [Id(3)]
    public Dictionary<string, string> Names { get; set; } = [];

    /// <summary>All that was ever to be asked, each pair of an address and a port in one part alone. The first ones are those of the version before.</summary>
    [Id(4)]
    public List<PlanPart> Parts { get; set; } = [];
}
