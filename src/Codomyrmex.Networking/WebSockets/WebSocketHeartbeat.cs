namespace Codomyrmex.Networking.WebSockets;

/// <summary>A message that an application sends now and then to keep its session, where its server asks for more than pings. Immutable.</summary>
public sealed record WebSocketHeartbeat
{
    /// <summary>The time between two. The default value is 30 seconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Makes the text of the next one.</summary>
    public required Func<string> Message { get; init; }

    /// <summary>How long after one the next message of the server, or a part of it, may take; beyond it the connection counts as lost. The default value is infinite: nothing is expected.</summary>
    public TimeSpan ReplyTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Tells the answers from other messages; they are not handed out. The default value is null: every message is.</summary>
    public Func<WebSocketMessage, bool>? IsReply { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Message, "WebSocketHeartbeat.Message");
        WebSocketOptions.CheckTime(Interval, "WebSocketHeartbeat.Interval");
        WebSocketOptions.CheckTime(ReplyTimeout, "WebSocketHeartbeat.ReplyTimeout");
    }
}
