namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The .NET clients of the suite, by the names of their rows.</summary>
internal static class WebSocketWorks
{
    public const string Own = "WebSocketClient (ours)";
    public const string Platform = "ClientWebSocket";
    public const string Library = "Websocket.Client";
    public const string Ws = "npm ws";
    public const string WsCorked = "npm ws, corked by 256";
    public const string Undici = "undici";
    public const string Python = "python websockets";

    public static IWebSocketWork? Make(string name) => name switch
    {
        Own => new OwnWebSocketWork(),
        Platform => new PlatformWebSocketWork(),
        Library => new LibraryWebSocketWork(),
        _ => null,
    };
}
