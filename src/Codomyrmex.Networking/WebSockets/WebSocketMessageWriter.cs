using Codomyrmex.Networking.WebSockets.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>
/// A message that is written bit by bit, of any length: what is written leaves in fragments, and no more than one of them is in memory. <see cref="CompleteAsync"/> ends the
/// message; until then other senders wait.
/// </summary>
/// <remarks>
/// Disposing it without that gives the message up, so that half of one is never taken for the whole: nothing is sent where nothing has been yet; otherwise the
/// connection is cut, since no other message could begin. One writer at a time. What wraps it, such as a <see cref="StreamWriter"/>, is to leave it open.
/// </remarks>
public sealed class WebSocketMessageWriter : Stream
{
    private const int FragmentSize = 32 * 1024;

    private readonly FrameSender _sender;
    private readonly bool _isText;
    private readonly byte[] _buffer = new byte[FragmentSize];
    private Opcode _next;
    private Utf8Check _utf8;
    private int _count;
    private bool _isCut;
    private bool _isComplete;
    private bool _isDisposed;

    /// <summary>Writes in the turn of a sender, and gives it back.</summary>
    internal WebSocketMessageWriter(FrameSender sender, Opcode kind)
    {
        _sender = sender;
        _next = kind;
        _isText = kind == Opcode.Text;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => !_isDisposed && !_isComplete;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The message is text, and this is not UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The message is complete, or a part of it could not be written.</exception>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        DemandOpen();
        if (_isText && !_utf8.Accept(buffer.Span))
        {
            _isCut = true;
            throw new ArgumentException("The text is not UTF-8.", nameof(buffer));
        }
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, FragmentSize - _count)];
            part.CopyTo(_buffer.AsMemory(_count));
            _count += part.Length;
            buffer = buffer[part.Length..];
            if (_count == FragmentSize)
                await SendAsync(isFinal: false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends what has been written as a fragment.</summary>
    /// <param name="cancellationToken">Cancels the wait for room in the queue; the message cannot be completed then.</param>
    /// <exception cref="InvalidOperationException">A part of the message could not be written.</exception>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        // A wrapper that is disposed flushes once more.
        if (_isComplete)
            return Task.CompletedTask;
        DemandOpen();
        return _count == 0 ? Task.CompletedTask : SendAsync(isFinal: false, cancellationToken).AsTask();
    }

    /// <summary>Ends the message: it is whole. Then the next sender goes on. Calling it again does nothing.</summary>
    /// <param name="cancellationToken">Cancels the wait for room in the queue; the message cannot be completed then.</param>
    /// <exception cref="InvalidOperationException">The text ends in the middle of a character, or a part of the message could not be written.</exception>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (_isComplete)
            return;
        DemandOpen();
        if (_isText && !_utf8.IsComplete)
            throw new InvalidOperationException("The text ends in the middle of a character.");
        await SendAsync(isFinal: true, cancellationToken).ConfigureAwait(false);
        _isComplete = true;
        _sender.GiveTurnBack();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is to be done at once: a wrapper that is disposed synchronously calls it.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _isDisposed)
            return;
        _isDisposed = true;
        if (_isComplete)
            return;
        if (_next == Opcode.Continuation)
            _sender.Break(new IOException("a message was given up in the middle (WebSocketMessageWriter.CompleteAsync)"));
        _sender.GiveTurnBack();
    }

    private void DemandOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isComplete)
            throw new InvalidOperationException("The message is complete.");
        if (_isCut)
            throw new InvalidOperationException("A part of the message could not be written: it cannot become whole any more.");
    }

    private async ValueTask SendAsync(bool isFinal, CancellationToken cancellationToken)
    {
        _isCut = true;
        await _sender.SendFrameAsync(_next, _buffer.AsMemory(0, _count), isFinal, isCompressed: false, cancellationToken).ConfigureAwait(false);
        _next = Opcode.Continuation;
        (_count, _isCut) = (0, false);
    }
}
