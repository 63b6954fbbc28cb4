namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>What a name's grain keeps.</summary>
internal sealed record AgentDocument
{
    /// <summary>Grows with each agent that gets the name; never falls.</summary>
    public long Number { get; init; }

    /// <summary>Who has the name, or had it last: one run of one agent. Empty where it was given back.</summary>
    public string Holder { get; init; } = "";

    public string Machine { get; init; } = "";

    /// <summary>Address and port.</summary>
    public string Address { get; init; } = "";

    /// <summary>The pin of its machine's key; empty where the fleet has no certificates.</summary>
    public string Pin { get; init; } = "";

    public DateTimeOffset Since { get; init; }

    public DateTimeOffset RenewedAt { get; init; }
}
