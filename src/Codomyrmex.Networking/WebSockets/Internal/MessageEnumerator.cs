namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>The messages of a client, one after the other.</summary>
internal sealed class MessageEnumerator(WebSocketClient client, CancellationToken cancellationToken) : IAsyncEnumerator<WebSocketMessage>
{
    public WebSocketMessage Current { get; private set; }

    public ValueTask<bool> MoveNextAsync()
    {
        var received = client.ReceiveAsync(cancellationToken);
        if (!received.IsCompletedSuccessfully)
            return AwaitAsync(received);
        return new(Take(received.Result));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<bool> AwaitAsync(ValueTask<WebSocketMessage?> received) => Take(await received.ConfigureAwait(false));

    private bool Take(WebSocketMessage? message)
    {
        Current = message.GetValueOrDefault();
        return message.HasValue;
    }
}
