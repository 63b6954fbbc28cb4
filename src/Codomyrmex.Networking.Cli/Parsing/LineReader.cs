namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Lines of a stream of bytes, as bytes, without their ends (LF or CR LF).</summary>
internal sealed class LineReader(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;
    private bool _isOver;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line, valid until the one after it is asked for; null behind the last.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        for (var searched = 0; ;)
        {
            var feed = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (feed >= 0)
                return Take(searched + feed, 1);
            searched = _end - _start;
            if (_isOver)
                return searched == 0 ? (ReadOnlyMemory<byte>?)null : Take(searched, 0);
            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            _isOver = count == 0;
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int feed)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += length + feed;
        Number++;
        return feed == 1 && line.Span.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private void MakeRoom()
    {
        if (_start > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
