namespace Codomyrmex.Networking.Http;

/// <summary>How <see cref="HTTPClient.EventsAsync"/> reads a stream of events, and what it does when one ends. Immutable.</summary>
public sealed record EventStreamOptions
{
    /// <summary>The defaults: no terminal event, no resumption.</summary>
    public static EventStreamOptions Default { get; } = new();

    /// <summary>
    /// The event that the stream promises to end with; it is the last one given out. The default value is null: a stream ends when the server
    /// ends it in good order.
    /// </summary>
    public TerminalEvent? Until { get; init; }

    /// <summary>
    /// The event by which a stream has begun in earnest. Until it, or <see cref="Until"/>, has come, the rules for retries hold; events before it are kept (256 at most, then it has begun) and given out
    /// with it. It may throw a <see cref="NetworkException"/>: the attempt has then failed with it. Asked once for each event of an attempt until it says yes. The default value is null: the first
    /// event, whatever it is.
    /// </summary>
    public Func<ServerSentEvent, bool>? BegunBy { get; init; }

    /// <summary>How to go on when a stream ends or breaks after its first event. The default value is <see cref="EventResume.Never"/>.</summary>
    public EventResume Resume { get; init; } = EventResume.Never;

    /// <summary>Connections in a row that may be made again without an event from them. The default value is 5.</summary>
    public int Reconnects { get; init; } = 5;

    /// <summary>
    /// The wait before a stream is resumed, until the server names another one (<c>retry</c>). Each connection that brings no event doubles the
    /// next wait, and up to a quarter is added at random. The default value is 3 seconds.
    /// </summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest wait; one that the server names is shortened to it. The default value is 30 seconds.</summary>
    public TimeSpan ReconnectDelayCap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Told of each response whose events follow, before the first of them: for its fields, such as a request's identifier or what is left of a
    /// quota. The response stays the stream's. The default value is null.
    /// </summary>
    public Action<Response>? Opened { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Resume, "EventStreamOptions.Resume");
        ArgumentOutOfRangeException.ThrowIfNegative(Reconnects, "EventStreamOptions.Reconnects");
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectDelay, TimeSpan.Zero, "EventStreamOptions.ReconnectDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectDelayCap, ReconnectDelay, "EventStreamOptions.ReconnectDelayCap");
        // A timer waits no longer.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReconnectDelayCap, TimeSpan.FromDays(39), "EventStreamOptions.ReconnectDelayCap");
    }
}
