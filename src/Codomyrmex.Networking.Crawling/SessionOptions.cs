namespace Codomyrmex.Networking.Crawling;

/// <summary>
/// Several visitors in turn: each has cookies of its own and, with a <c>ProxyPool</c>, a proxy of its own. One that a site blocks is retired, and another takes
/// its place. Immutable.
/// </summary>
public sealed record SessionOptions
{
    /// <summary>How many there are at a time. The default value is 4.</summary>
    public int Count { get; init; } = 4;

    /// <summary>Answers that say a session is blocked. The default value is 403 and 429.</summary>
    public IReadOnlyList<int> BlockedStatuses { get; init; } = [403, 429];

    /// <summary>Blocks in a row after which a session is retired. The default value is 2.</summary>
    public int RetireAfter { get; init; } = 2;

    /// <summary>Requests after which a session is retired anyway. The default value is no limit.</summary>
    public int MaxUses { get; init; } = int.MaxValue;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1, "SessionOptions.Count");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Count, 1_000, "SessionOptions.Count");
        ArgumentNullException.ThrowIfNull(BlockedStatuses, "SessionOptions.BlockedStatuses");
        ArgumentOutOfRangeException.ThrowIfLessThan(RetireAfter, 1, "SessionOptions.RetireAfter");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUses, 1, "SessionOptions.MaxUses");
    }
}
