using System.Text;
using System.Threading.Channels;
using Websocket.Client;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>Websocket.Client: its own send queue, its messages as a sequence of events.</summary>
internal sealed class LibraryWebSocketWork : IWebSocketWork
{
    private readonly Channel<ResponseMessage> _received = Channel.CreateUnbounded<ResponseMessage>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private WebsocketClient _client = null!;
    private IDisposable? _subscription;
    private IDisposable? _ending;

    public async Task ConnectAsync(string url, bool compresses)
    {
        _client = new WebsocketClient(new Uri(url)) { IsReconnectionEnabled = false };
        _subscription = _client.MessageReceived.Subscribe(new Observer<ResponseMessage>(message => _received.Writer.TryWrite(message)));
        // Whoever receives would wait for ever.
        _ending = _client.DisconnectionHappened.Subscribe(new Observer<DisconnectionInfo>(how => _received.Writer.TryComplete(how.Exception ?? new IOException($"The connection ended: {how.Type}."))));
        await _client.StartOrFail();
    }

    // Its other way to send only puts the message into a queue without a limit.
    public ValueTask SendAsync(ReadOnlyMemory<byte> message) => new(_client.SendInstant(message.ToArray()));

    public ValueTask SendEndAsync() => new(_client.SendInstant("end"));

    public async ValueTask<int> ReceiveAsync() => (await _received.Reader.ReadAsync()) is var message && message.Binary is { } bytes ? bytes.Length : Encoding.UTF8.GetByteCount(message.Text!);

    public async Task<string> ReceiveTextAsync() => (await _received.Reader.ReadAsync()) is var message && message.Binary is { } bytes ? Encoding.UTF8.GetString(bytes) : message.Text!;

    public ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        _ending?.Dispose();
        _received.Writer.TryComplete();
        _client.NativeClient?.Abort();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Observer<T>(Action<T> next) : IObserver<T>
    {
        public void OnNext(T value) => next(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
