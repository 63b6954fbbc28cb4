namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>What a fault of a WebSocket does.</summary>
internal enum WebSocketFaultKind
{
    Reset,
    End,
    HalfClose,
    Stall,
    StallWriting,
    StallReading,
    Send,
    Close,
    Dribble,
    ReadSlowly,
    IgnorePings,
    IgnoreClose,
}
