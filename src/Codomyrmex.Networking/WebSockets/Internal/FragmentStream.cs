using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>A message that is written bit by bit. It has the sender's turn until it is disposed.</summary>
internal sealed class FragmentStream(FrameSender sender, Opcode kind) : Stream
{
    private const int FragmentSize = 32 * 1024;

    private readonly byte[] _buffer = new byte[FragmentSize];
    private readonly bool _isText = kind == Opcode.Text;
    private Opcode _next = kind;
    private Utf8Check _utf8;
    private int _count;
    private bool _isDisposed;
    private bool _isCut;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_isDisposed;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isText && !_utf8.Accept(buffer.Span))
            throw new ArgumentException("The text is not UTF-8.", nameof(buffer));
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

    /// <summary>Sends what has been written as a fragment.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => _count == 0 ? Task.CompletedTask : SendAsync(isFinal: false, cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            if (_isText && !_utf8.IsComplete)
                throw new InvalidOperationException("The text ends in the middle of a character.");
            if (!_isCut)
                await SendAsync(isFinal: true, CancellationToken.None).ConfigureAwait(false);
            else if (_next == Opcode.Continuation)
                sender.Break(new IOException("A message could not be written whole."));
        }
        catch (Exception error) when (_next == Opcode.Continuation)
        {
            // Half of it has left, and no other message can begin before the rest has.
            sender.Break(error);
            throw;
        }
        finally
        {
            sender.GiveTurnBack();
        }
    }

    public override void Flush() => throw new NotSupportedException("Write it asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    private async ValueTask SendAsync(bool isFinal, CancellationToken cancellationToken)
    {
        _isCut = true;
        await sender.SendFrameAsync(_next, _buffer.AsMemory(0, _count), isFinal, isCompressed: false, cancellationToken).ConfigureAwait(false);
        _next = Opcode.Continuation;
        (_count, _isCut) = (0, false);
    }
}
