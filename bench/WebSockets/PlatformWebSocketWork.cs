using System.Net.WebSockets;
using System.Text;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The platform's client, as its documentation shows it.</summary>
internal sealed class PlatformWebSocketWork : IWebSocketWork
{
    private ClientWebSocket _client = null!;
    // Made when something is received: idle connections have none.
    private byte[]? _buffer;

    public async Task ConnectAsync(string url, bool compresses)
    {
        _client = new ClientWebSocket();
        if (compresses)
            _client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await _client.ConnectAsync(new Uri(url), CancellationToken.None);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message) => _client.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);

    public ValueTask SendEndAsync() => _client.SendAsync("end"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);

    public async ValueTask<int> ReceiveAsync()
    {
        _buffer ??= new byte[2 * 1024 * 1024];
        var count = 0;
        while (true)
        {
            var result = await _client.ReceiveAsync(_buffer.AsMemory(count), CancellationToken.None);
            count += result.Count;
            if (result.EndOfMessage)
                return count;
        }
    }

    public async Task<string> ReceiveTextAsync()
    {
        var count = await ReceiveAsync();
        return Encoding.UTF8.GetString(_buffer!, 0, count);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
