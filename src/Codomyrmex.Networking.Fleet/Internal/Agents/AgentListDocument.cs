namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>What the list of agents keeps.</summary>
internal sealed class AgentListDocument
{
    public SortedSet<string> Names { get; set; } = new(StringComparer.Ordinal);
}
