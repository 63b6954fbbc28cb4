using System.Text;

namespace Codomyrmex.Networking.Redis;

/// <summary>The settings of a <see cref="RedisSharedLimiter"/>. Immutable.</summary>
public sealed record RedisLimiterOptions
{
    /// <summary>
    /// Where Redis is and how to reach it, in the form of StackExchange.Redis: <c>host:port,password=…,ssl=true</c>. It holds a secret and is not printed.
    /// </summary>
    public required string Configuration { get; init; }

    /// <summary>What every key begins with: clients with the same one share their limits. The default value is <c>codomyrmex:limit:</c>.</summary>
    public string KeyPrefix { get; init; } = "codomyrmex:limit:";

    /// <summary>What happens to calls while Redis cannot be reached. The default value is <see cref="RedisLossPolicy.FailClosed"/>.</summary>
    public RedisLossPolicy OnLoss { get; init; } = RedisLossPolicy.FailClosed;

    /// <summary>How long Redis has to answer before it counts as lost. The default value is one second.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Configuration, "RedisLimiterOptions.Configuration");
        ArgumentNullException.ThrowIfNull(KeyPrefix, "RedisLimiterOptions.KeyPrefix");
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(1), "RedisLimiterOptions.Timeout");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromMinutes(5), "RedisLimiterOptions.Timeout");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("KeyPrefix = ").Append(KeyPrefix).Append(", OnLoss = ").Append(OnLoss).Append(", Timeout = ").Append(Timeout);
        return true;
    }
}
