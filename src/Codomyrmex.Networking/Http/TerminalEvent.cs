namespace Codomyrmex.Networking.Http;

/// <summary>
/// The event that a stream promises to end with. A stream that ends or breaks before it was cut off: <see cref="StreamTruncatedException"/>.
/// Immutable, thread-safe.
/// </summary>
public sealed class TerminalEvent
{
    private readonly Func<ServerSentEvent, bool> _isTerminal;
    private readonly string _description;

    private TerminalEvent(Func<ServerSentEvent, bool> isTerminal, string description)
    {
        _isTerminal = isTerminal;
        _description = description;
    }

    /// <summary>An event whose data is this text, for example <c>[DONE]</c>.</summary>
    /// <param name="text">The text, compared exactly.</param>
    public static TerminalEvent Data(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TerminalEvent(item => item.Data == text, $"an event with the data '{text}'");
    }

    /// <summary>An event of this type, for example <c>message_stop</c>.</summary>
    /// <param name="type">The type, compared exactly.</param>
    public static TerminalEvent OfType(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return new TerminalEvent(item => item.Type == type, $"an event of type '{type}'");
    }

    /// <summary>An event that meets a condition.</summary>
    /// <param name="isTerminal">The condition; must be thread-safe where streams are read at the same time.</param>
    /// <param name="description">What it is, for messages.</param>
    public static TerminalEvent When(Func<ServerSentEvent, bool> isTerminal, string description = "its terminal event")
    {
        ArgumentNullException.ThrowIfNull(isTerminal);
        ArgumentException.ThrowIfNullOrEmpty(description);
        return new TerminalEvent(isTerminal, description);
    }

    /// <summary>What the event is.</summary>
    public override string ToString() => _description;

    internal bool Matches(in ServerSentEvent item) => _isTerminal(item);
}
