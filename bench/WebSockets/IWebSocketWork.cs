namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>A WebSocket client of the suite: one connection, used by one caller.</summary>
internal interface IWebSocketWork : IAsyncDisposable
{
    Task ConnectAsync(string url, bool compresses);

    /// <summary>Sends a message and waits until its sender may go on.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> message);

    /// <summary>Sends a text that says that nothing more comes.</summary>
    ValueTask SendEndAsync();

    /// <summary>Receives a message whole.</summary>
    /// <returns>Its length.</returns>
    ValueTask<int> ReceiveAsync();

    /// <summary>Receives the next message as text.</summary>
    Task<string> ReceiveTextAsync();
}
