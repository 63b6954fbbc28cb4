using Codomyrmex.Networking.WebSockets.Internal;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>A message that is read while it arrives, whatever its length: only what is not read yet is kept. Reading ends where the message does.</summary>
/// <remarks>Disposing it, or asking for the next message, skips the rest. One reader at a time. The limit on the length of messages holds all the same.</remarks>
public sealed class WebSocketMessageStream : Stream
{
    private readonly MessageReceiver _receiver;
    private readonly int _version;
    private ReadOnlyMemory<byte> _part;
    private bool _isOver;

    internal WebSocketMessageStream(MessageReceiver receiver, int version, WebSocketMessageKind kind, ReadOnlyMemory<byte> begun)
    {
        _receiver = receiver;
        _version = version;
        Kind = kind;
        _part = begun;
    }

    /// <summary>Whether it is text or bytes.</summary>
    public WebSocketMessageKind Kind { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="EndOfStreamException">The connection ended before the message did.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_receiver.Version != _version)
            throw new InvalidOperationException("The next message has been asked for: the rest of this one was skipped.");
        while (_part.IsEmpty)
        {
            if (_isOver)
                return 0;
            var piece = await _receiver.NextPartAsync(cancellationToken).ConfigureAwait(false) ??
                throw new EndOfStreamException("The connection ended before the message did; receiving the next one says why.");
            _part = piece.Memory;
            _isOver = piece.Is(PieceMarks.Last);
        }
        var count = Math.Min(buffer.Length, _part.Length);
        _part[..count].CopyTo(buffer);
        _part = _part[count..];
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
