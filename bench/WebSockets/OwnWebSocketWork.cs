using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>This library, with everything on that is on by default.</summary>
internal sealed class OwnWebSocketWork : IWebSocketWork
{
    private WebSocketClient _client = null!;

    public async Task ConnectAsync(string url, bool compresses) =>
        _client = await WebSocketClient.ConnectAsync(url, new WebSocketOptions { Compression = compresses ? new WebSocketCompression { MinimumBytes = 1 } : null });

    public ValueTask SendAsync(ReadOnlyMemory<byte> message) => _client.SendAsync(message);

    public ValueTask SendEndAsync() => _client.SendAsync("end");

    public ValueTask<int> ReceiveAsync()
    {
        var received = _client.ReceiveAsync();
        return received.IsCompletedSuccessfully ? new(received.Result!.Value.Length) : WaitAsync(received);

        static async ValueTask<int> WaitAsync(ValueTask<WebSocketMessage?> received) => (await received)!.Value.Length;
    }

    public async Task<string> ReceiveTextAsync() => System.Text.Encoding.UTF8.GetString((await _client.ReceiveAsync())!.Value.Bytes.Span);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        try
        {
            await _client.CloseAsync(cancellationToken: now.Token);
        }
        catch (OperationCanceledException)
        {
            // The server of the suite does not close.
        }
        await _client.DisposeAsync();
    }
}
