namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What became of a plan.</summary>
[GenerateSerializer, Immutable]
internal sealed record PlanReply
{
    /// <summary>Why it was not taken; null where it was, or may be yet.</summary>
    [Id(0)]
    public Refusal? Refusal { get; init; }

    /// <summary>Whether its names are still being looked up: who asks again in a while learns what became of it.</summary>
    [Id(1)]
    public bool IsPending { get; init; }
}
