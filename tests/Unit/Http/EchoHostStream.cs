using System.Text;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A connection in memory whose other side answers each request with its Host field.</summary>
internal sealed class EchoHostStream : Stream
{
    private readonly StringBuilder _heard = new();
    private readonly SemaphoreSlim _ready = new(0);
    private byte[] _answer = [];
    private int _said;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _heard.Append(Encoding.Latin1.GetString(buffer.Span));
        var text = _heard.ToString();
        if (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            return ValueTask.CompletedTask;
        var host = text.Split("\r\n").Single(line => line.StartsWith("Host: ", StringComparison.OrdinalIgnoreCase))[6..];
        _answer = Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {host.Length}\r\nConnection: close\r\n\r\n{host}");
        _ready.Release();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read for nothing asks whether there is something.
        await _ready.WaitAsync(cancellationToken);
        _ready.Release();
        var count = Math.Min(buffer.Length, _answer.Length - _said);
        _answer.AsMemory(_said, count).CopyTo(buffer);
        _said += count;
        return count;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
