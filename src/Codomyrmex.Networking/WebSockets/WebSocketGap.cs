namespace Codomyrmex.Networking.WebSockets;

/// <summary>What lies between a connection that was lost and the one that follows it.</summary>
public sealed record WebSocketGap
{
    /// <summary>Why the last one ended; null where the server closed it cleanly.</summary>
    public required NetworkException? Cause { get; init; }

    /// <summary>How long there was none.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Attempts that failed meanwhile.</summary>
    public required int FailedAttempts { get; init; }

    /// <summary>Messages received on all connections before: where to go on from, for a server that numbers them.</summary>
    public required long MessagesReceived { get; init; }

    /// <summary>Whether a message that had begun to arrive was lost with the connection.</summary>
    public required bool LostPartOfMessage { get; init; }

    /// <summary>Messages that were accepted and had not left: they go out on the new connection, behind what <see cref="WebSocketOptions.OnConnected"/> sends.</summary>
    public required int MessagesCarriedOver { get; init; }

    /// <summary>Messages that were accepted, had not left, and are lost: compressed ones make sense on their own connection alone.</summary>
    public required int MessagesLost { get; init; }
}
