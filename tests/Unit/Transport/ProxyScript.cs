using System.Text;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>A proxy's side of a connection, in memory: says its lines in pieces of a given size and keeps what it hears.</summary>
internal sealed class ProxyScript : Stream
{
    private readonly MemoryStream _heard = new();
    private readonly byte[] _lines;
    private readonly int _piece;
    private readonly Exception? _failure;
    private int _said;

    /// <param name="lines">Everything the proxy says.</param>
    /// <param name="piece">The most bytes one read returns.</param>
    /// <param name="failure">Thrown by a read after the last line, in place of the end of the stream.</param>
    public ProxyScript(byte[] lines, int piece = int.MaxValue, Exception? failure = null)
    {
        _lines = lines;
        _piece = piece;
        _failure = failure;
    }

    public static ProxyScript Of(string lines, int piece = int.MaxValue) => new(Encoding.Latin1.GetBytes(lines), piece);

    /// <summary>What the proxy heard.</summary>
    public byte[] Heard => _heard.ToArray();

    public string HeardText => Encoding.Latin1.GetString(Heard);

    /// <summary>Bytes said that nobody has read: what the tunnel would deliver next.</summary>
    public byte[] Unread => _lines[_said..];

    /// <summary>Whether reads after the last line wait for ever instead of ending.</summary>
    public bool Stalls { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_said == _lines.Length && _failure is not null)
            throw _failure;
        if (_said == _lines.Length && Stalls)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        var count = Math.Min(Math.Min(buffer.Length, _piece), _lines.Length - _said);
        _lines.AsMemory(_said, count).CopyTo(buffer);
        _said += count;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _heard.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
