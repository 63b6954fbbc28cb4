namespace Codomyrmex.Networking.Redis;

/// <summary>What happens to calls while Redis cannot be reached.</summary>
public enum RedisLossPolicy
{
    /// <summary>They fail (<c>rate.store_unavailable</c>): the budget is never exceeded.</summary>
    FailClosed,

    /// <summary>They pass, within what each process counts by itself.</summary>
    FailOpen,
}
