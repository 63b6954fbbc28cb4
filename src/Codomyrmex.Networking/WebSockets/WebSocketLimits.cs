namespace Codomyrmex.Networking.WebSockets;

/// <summary>How much a server may send. What goes beyond ends the connection with close code 1009 and the error <c>ws.too_large</c>. Immutable.</summary>
public sealed record WebSocketLimits
{
    /// <summary>The defaults.</summary>
    public static WebSocketLimits Default { get; } = new();

    /// <summary>The longest message in bytes, compressed and as it inflates. The default value is 16 MiB.</summary>
    public long MessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The longest frame in bytes. The default value is 16 MiB.</summary>
    public long FrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most frames of one message, empty ones included. The default value is 16,384.</summary>
    public int Fragments { get; init; } = 16 * 1024;

    /// <summary>
    /// Bytes that are received ahead of who asks for them. When they are there, nothing more is read, and the server has to wait. The default value is
    /// 1 MiB.
    /// </summary>
    public long ReceiveQueueBytes { get; init; } = 1024 * 1024;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MessageBytes, "WebSocketLimits.MessageBytes");
        // A message is handed out as one memory.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MessageBytes, Array.MaxLength, "WebSocketLimits.MessageBytes");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FrameBytes, "WebSocketLimits.FrameBytes");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Fragments, "WebSocketLimits.Fragments");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReceiveQueueBytes, "WebSocketLimits.ReceiveQueueBytes");
    }
}
