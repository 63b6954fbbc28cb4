namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>An agent asks for a name, or for going on to have it: the same again and again, so that it does not matter which of them arrive.</summary>
[GenerateSerializer, Immutable]
internal sealed record AgentClaim
{
    /// <summary>One run of one agent.</summary>
    [Id(0)]
    public required string Holder { get; init; }

    [Id(1)]
    public required string Machine { get; init; }

    /// <summary>Where it is spoken to: address and port.</summary>
    [Id(2)]
    public required string Address { get; init; }

    /// <summary>The pin of its machine's key; empty without certificates.</summary>
    [Id(3)]
    public required string Pin { get; init; }
}
