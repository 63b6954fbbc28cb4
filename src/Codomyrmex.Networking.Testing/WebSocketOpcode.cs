namespace Codomyrmex.Networking.Testing;

/// <summary>The opcodes of RFC 6455, section 5.2. The numbers between them are reserved; a cast makes them where a test wants one.</summary>
public enum WebSocketOpcode
{
    /// <summary>The next part of a fragmented message.</summary>
    Continuation = 0,

    /// <summary>Text in UTF-8, or its first part.</summary>
    Text = 1,

    /// <summary>Bytes, or their first part.</summary>
    Binary = 2,

    /// <summary>The end of the conversation.</summary>
    Close = 8,

    /// <summary>A question whether the peer is there.</summary>
    Ping = 9,

    /// <summary>The answer to it.</summary>
    Pong = 10,
}
