using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A stream that writes down what passes through another one, as hexadecimal digits and letters, for whoever debugs a protocol. Put it around the stream
/// of <c>TransportOptions.DialOver</c>. The dump holds everything, secrets too.
/// </summary>
public sealed class HexDumpStream : Stream
{
    private const int Width = 16;

    private readonly Stream _inner;
    private readonly TextWriter _output;
    private readonly int _limit;
    private readonly Lock _lock = new();
    private long _received;
    private long _sent;

    /// <summary>Makes the stream.</summary>
    /// <param name="inner">What is dumped; disposed with this one.</param>
    /// <param name="output">Where to: a line for every 16 bytes, <c>&lt;</c> for received, <c>&gt;</c> for sent. Written to by one thread at a time.</param>
    /// <param name="limit">Bytes of one read or write that are shown; the rest is counted.</param>
    public HexDumpStream(Stream inner, TextWriter output, int limit = 4096)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        (_inner, _output, _limit) = (inner, output, limit);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count > 0)
            Dump('<', ref _received, buffer.Span[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Dump('>', ref _sent, buffer.Span);
        return _inner.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => _inner.Flush();

    /// <summary>Not supported: it is read asynchronously only.</summary>
    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Not supported: it is written asynchronously only.</summary>
    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    private void Dump(char direction, ref long position, ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var shown = bytes[..Math.Min(bytes.Length, _limit)];
        lock (_lock)
        {
            for (var i = 0; i < shown.Length; i += Width)
            {
                var row = shown[i..Math.Min(i + Width, shown.Length)];
                text.Append(CultureInfo.InvariantCulture, $"{direction} {position + i:x8}  ");
                for (var j = 0; j < Width; j++)
                    text.Append(j < row.Length ? row[j].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(j == 7 ? "  " : " ");
                text.Append(' ');
                foreach (var value in row)
                    text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
                text.Append('\n');
            }
            if (shown.Length < bytes.Length)
                text.Append(CultureInfo.InvariantCulture, $"{direction} … {bytes.Length - shown.Length} more bytes\n");
            position += bytes.Length;
            _output.Write(text.ToString());
        }
    }
}
