using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Messages on a stream of bytes, told apart by lines or by lengths.</summary>
/// <param name="stream">The bytes, both ways.</param>
/// <param name="framing">How they are told apart.</param>
/// <param name="maxBytes">The longest message.</param>
/// <param name="peer">Who is on the other side.</param>
/// <param name="owner">What is disposed of in the end; null for the stream alone.</param>
/// <param name="account">What holds the memory of messages that arrive to account; null for nobody.</param>
internal sealed class StreamChannel(Stream stream, RpcFraming framing, int maxBytes, RpcPeer peer, IAsyncDisposable? owner = null, MessageAccount? account = null) : IRpcChannel
{
    private const int LeastBuffer = 4 * 1024;
    private const int KeptBuffer = 64 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private byte[] _buffer = new byte[LeastBuffer];
    private int _start;
    private int _end;
    private int _searched;

    public RpcPeer Peer => peer;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        byte[] frame = framing == RpcFraming.Lines ? [.. message.Span, (byte)'\n'] : [.. MessageHead.Write(message.Length), .. message.Span];
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Half a frame would spoil all that follow: what has begun is not cancelled.
            await stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
            await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(out var message))
            {
                if (message.Span.ContainsAnyExcept(" \t\r"u8))
                    return message;
                continue;
            }
            if (_end - _start > maxBytes)
                throw new FormatException($"sent a message longer than {maxBytes} bytes (RpcOptions.MessageBytes)");
            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return _start == _end ? (ReadOnlyMemory<byte>?)null : throw new EndOfStreamException("The stream ended in the middle of a message.");
            _end += count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        if (owner is not null)
            await owner.DisposeAsync().ConfigureAwait(false);
    }

    private bool TryTake(out ReadOnlyMemory<byte> message)
    {
        message = default;
        var received = _buffer.AsSpan(_start, _end - _start);
        if (framing == RpcFraming.Lines)
        {
            // A peer that sends byte by byte must not make us look at each of them again and again.
            var feed = received[_searched..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                _searched = received.Length;
                return false;
            }
            feed += _searched;
            _searched = 0;
            return Take(0, feed, feed + 1, out message);
        }
        var head = MessageHead.Length(received);
        if (head == 0)
            return false;
        var length = MessageHead.ContentLength(received[..head]);
        if (length > maxBytes)
            throw new FormatException($"sent a message of {length} bytes, more than {maxBytes} (RpcOptions.MessageBytes)");
        return received.Length - head >= length && Take(head, (int)length, head + (int)length, out message);
    }

    private bool Take(int from, int length, int all, out ReadOnlyMemory<byte> message)
    {
        message = _buffer.AsMemory(_start + from, length);
        _start += all;
        return true;
    }

    private void MakeRoom()
    {
        if (_start > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == 0 && _buffer.Length > KeptBuffer)
        {
            account?.Shrink(_buffer.Length - LeastBuffer);
            _buffer = new byte[LeastBuffer];
        }
        if (_end == _buffer.Length)
        {
            var size = (int)Math.Min(_buffer.Length * 2L, (long)maxBytes + MessageHead.Max + 8);
            account?.Grow(size - _buffer.Length);
            Array.Resize(ref _buffer, size);
        }
    }
}
