namespace Codomyrmex.Networking.WebSockets;

/// <summary>How a WebSocket was closed (RFC 6455, section 7.1.5).</summary>
/// <param name="Code">The code; <see cref="WebSocketCloseCode.Abnormal"/> where no close frame came.</param>
/// <param name="Reason">The reason as sent; empty for none. Escape it before it is shown.</param>
/// <param name="ByPeer">Whether the server began it.</param>
public sealed record WebSocketClose(WebSocketCloseCode Code, string Reason, bool ByPeer)
{
    /// <summary>Whether it ended as conversations do: 1000, 1001, or no code at all.</summary>
    public bool IsClean => Code is WebSocketCloseCode.NormalClosure or WebSocketCloseCode.GoingAway or WebSocketCloseCode.NoStatus;
}
