namespace Codomyrmex.Networking.WebSockets;

/// <summary>What a message is (RFC 6455, section 5.6).</summary>
public enum WebSocketMessageKind
{
    /// <summary>Text, in UTF-8.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Binary,
}
