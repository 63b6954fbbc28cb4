namespace Codomyrmex.Networking.WebSockets;

/// <summary>
/// When a lost connection is made again. Waits grow from <see cref="Delay"/> by doubling up to <see cref="MaxDelay"/>, each with up to a quarter more at
/// random, so that clients that lost a server together do not come back together. Immutable.
/// </summary>
public sealed record WebSocketReconnect
{
    /// <summary>The defaults.</summary>
    public static WebSocketReconnect Default { get; } = new();

    /// <summary>The wait before the first attempt. The default value is 500 ms.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait, before what is added at random. The default value is 30 seconds.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Attempts in a row without success, after which the loss is told, with <see cref="NetworkException.Attempts"/> (the last hundred) and the last failure as its cause. The default
    /// value is null: no end.
    /// </summary>
    public int? MaxAttempts { get; init; }

    /// <summary>A connection that lasted as long as this counts as a success, and the waits begin anew. The default value is 10 seconds.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the server's close with code 1000 or 1001 is answered by connecting again too. The default value is false: it ends the conversation.</summary>
    public bool AfterCleanClose { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero, "WebSocketReconnect.Delay");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, Delay, "WebSocketReconnect.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDelay, TimeSpan.FromDays(30), "WebSocketReconnect.MaxDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(StableAfter, TimeSpan.Zero, "WebSocketReconnect.StableAfter");
        if (MaxAttempts is { } attempts)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(attempts, "WebSocketReconnect.MaxAttempts");
    }
}
