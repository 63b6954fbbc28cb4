using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>The names that agents have. One for the whole fleet, its key is 0.</summary>
internal interface IAgentListGrain : IGrainWithIntegerKey
{
    Task AddAsync(string name);

    Task RemoveAsync(string name);

    [AlwaysInterleave]
    Task<string[]> NamesAsync();
}
