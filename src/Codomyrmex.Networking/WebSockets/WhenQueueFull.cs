namespace Codomyrmex.Networking.WebSockets;

/// <summary>What happens to a message for which the send queue has no room.</summary>
public enum WhenQueueFull
{
    /// <summary>Its sender waits.</summary>
    Wait,

    /// <summary>Its sender gets a <see cref="WebSocketException"/> with the code <c>ws.queue_full</c>.</summary>
    Fail,

    /// <summary>It is dropped, and counted in <see cref="WebSocketClient.DroppedMessages"/>: for data of which the next is worth more than the last.</summary>
    Drop,
}
