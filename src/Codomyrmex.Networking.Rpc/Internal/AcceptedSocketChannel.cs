using System.Net.WebSockets;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Each message is one of a WebSocket that a client has opened.</summary>
internal sealed class AcceptedSocketChannel(Stream stream, int maxBytes, RpcPeer peer, MessageAccount account) : IRpcChannel
{
    private const int LeastBuffer = 4 * 1024;
    private const int KeptBuffer = 64 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly WebSocket _socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
    {
        IsServer = true,
        KeepAliveInterval = TimeSpan.FromSeconds(30),
        KeepAliveTimeout = TimeSpan.FromSeconds(20),
    });
    private byte[] _buffer = new byte[LeastBuffer];

    public RpcPeer Peer => peer;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Half a frame would spoil all that follow: what has begun is not cancelled.
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is System.Net.WebSockets.WebSocketException or InvalidOperationException)
        {
            throw new IOException(error.Message, error);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReceiveMessageAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (System.Net.WebSockets.WebSocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync(WebSocketCloseStatus.NormalClosure).ConfigureAwait(false);
        _socket.Dispose();
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    // Before the reader is stopped: that breaks the platform's WebSocket.
    public ValueTask EndAsync() => CloseAsync(WebSocketCloseStatus.EndpointUnavailable);

    private async ValueTask CloseAsync(WebSocketCloseStatus status)
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await _sending.WaitAsync(patience.Token).ConfigureAwait(false);
                try
                {
                    await _socket.CloseOutputAsync(status, null, patience.Token).ConfigureAwait(false);
                }
                finally
                {
                    _sending.Release();
                }
            }
            catch (Exception error) when (error is System.Net.WebSockets.WebSocketException or OperationCanceledException or IOException or NetworkException or InvalidOperationException)
            {
                // It ends all the same.
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReceiveMessageAsync(CancellationToken cancellationToken)
    {
        if (_buffer.Length > KeptBuffer)
        {
            account.Shrink(_buffer.Length - LeastBuffer);
            _buffer = new byte[LeastBuffer];
        }
        for (var count = 0; ;)
        {
            if (count == _buffer.Length)
            {
                var size = (int)Math.Min(_buffer.Length * 2L, (long)maxBytes + 1);
                account.Grow(size - _buffer.Length);
                Array.Resize(ref _buffer, size);
            }
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            if (received.MessageType == WebSocketMessageType.Binary)
                throw new FormatException("sent bytes where text is spoken");
            count += received.Count;
            if (count > maxBytes)
                throw new FormatException($"sent a message longer than {maxBytes} bytes (RpcOptions.MessageBytes)");
            if (received.EndOfMessage)
                return _buffer.AsMemory(0, count);
        }
    }
}
