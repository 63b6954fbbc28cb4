namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The .NET clients of the suite, by the names of their rows.</summary>
internal static class WebSocketWorks
{
    public const string Own = "WebSocketClient (ours)";
    public const string Platform = "ClientWebSocket";

    public static IWebSocketWork? Make(string name) => name switch
    {
        Own => new OwnWebSocketWork(),
        Platform => new PlatformWebSocketWork(),
        _ => null,
    };
}
