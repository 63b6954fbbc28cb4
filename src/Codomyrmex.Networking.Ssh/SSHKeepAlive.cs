namespace Codomyrmex.Networking.Ssh;

/// <summary>How a connection notices that the server is gone. Immutable.</summary>
public sealed record SSHKeepAlive
{
    /// <summary>The defaults: a server that says nothing for a minute is gone.</summary>
    public static SSHKeepAlive Default { get; } = new();

    /// <summary>No probes: a dead connection is noticed when something is sent.</summary>
    public static SSHKeepAlive Off { get; } = new() { Interval = Timeout.InfiniteTimeSpan };

    /// <summary>After how long a silent server is asked whether it is there, and how long until it is asked again. The default value is 15 seconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many questions may stay unanswered until the connection counts as lost. The default value is 3.</summary>
    public int Unanswered { get; init; } = 3;

    internal void Validate()
    {
        if (Interval != Timeout.InfiniteTimeSpan && (Interval < TimeSpan.FromMilliseconds(10) || Interval > TimeSpan.FromDays(1)))
            throw new ArgumentOutOfRangeException("SSHKeepAlive.Interval", Interval, "An interval lies between 10 milliseconds and a day, or is Timeout.InfiniteTimeSpan.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Unanswered, 1, "SSHKeepAlive.Unanswered");
    }
}
