namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>What becomes of a claim.</summary>
[GenerateSerializer, Immutable]
internal sealed record AgentGrant
{
    /// <summary>The number under which the agent has the name; 0 where it has not.</summary>
    [Id(0)]
    public long Number { get; init; }

    /// <summary>For how long, counted from when it asked.</summary>
    [Id(1)]
    public TimeSpan Time { get; init; }

    /// <summary>The machine of the agent that has it instead.</summary>
    [Id(2)]
    public string HeldBy { get; init; } = "";
}
