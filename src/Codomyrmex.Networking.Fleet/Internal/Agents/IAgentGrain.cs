using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>One name of the fleet, and which agent has it. Its key is the name.</summary>
internal interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>An agent asks for the name, or for going on to have it.</summary>
    Task<AgentGrant> ClaimAsync(AgentClaim claim);

    /// <summary>Who has the name gives it back.</summary>
    Task ReleaseAsync(string holder);

    /// <summary>Who has the name, or had it last; null for nobody.</summary>
    [AlwaysInterleave]
    Task<AgentReport?> FindAsync();
}
