namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A request's body as it arrives: counted or chunked (RFC 9112, section 7.1), never buffered whole.</summary>
internal sealed class RequestBody : ReadOnlyStream
{
    private const int MaxLine = 4096;

    private readonly HttpConnection _connection;
    private readonly bool _chunked;
    private long _left;
    private bool _done, _needsCrlf, _owesContinue, _declined, _failed;

    public RequestBody(HttpConnection connection, bool chunked, long length, bool expectsContinue)
    {
        _connection = connection;
        _chunked = chunked;
        _left = chunked ? 0 : Math.Max(0, length);
        _done = !chunked && _left == 0;
        _owesContinue = expectsContinue && !_done;
    }

    /// <summary>Whether the client still waits for our 100 and may never send the body.</summary>
    public bool IsUnasked => _owesContinue;

    /// <summary>No 100 is sent any more: a final answer goes out.</summary>
    public void Decline() => _declined = _owesContinue;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return _done || buffer.IsEmpty ? 0 : await ReadSomeAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (BadRequestException)
        {
            _failed = true;
            throw;
        }
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_owesContinue)
            await ContinueAsync(cancellationToken).ConfigureAwait(false);
        if (_left == 0 && _chunked && !await NextChunkAsync(cancellationToken).ConfigureAwait(false))
            return 0;
        var wanted = (int)Math.Min(buffer.Length, _left);
        var read = await _connection.Io.ReadAsync(buffer[..wanted], cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw Ended();
        _left -= read;
        if (_left == 0)
        {
            if (_chunked)
                _needsCrlf = true;
            else
                _done = true;
        }
        return read;
    }

    /// <summary>Reads the rest and forgets it; false where it is too much, or will never come.</summary>
    public async ValueTask<bool> DrainAsync(long limit)
    {
        if (_done)
            return true;
        if (_declined || _failed)
            return false;
        var buffer = new byte[4096];
        while (limit >= 0)
        {
            var read = await ReadAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            if (read == 0)
                return true;
            limit -= read;
        }
        return false;
    }

    private async ValueTask ContinueAsync(CancellationToken cancellationToken)
    {
        if (_declined)
            throw new InvalidOperationException("The body cannot be read any more: the final answer went out before the client was told to send it.");
        _owesContinue = false;
        await _connection.Io.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken).ConfigureAwait(false);
        await _connection.Io.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> NextChunkAsync(CancellationToken cancellationToken)
    {
        if (_needsCrlf)
        {
            if (await LineAsync(2, cancellationToken).ConfigureAwait(false) != 0)
                throw new BadRequestException(400, "A chunk is longer than its size.");
            _connection.Io.Skip(2);
            _needsCrlf = false;
        }
        var length = await LineAsync(MaxLine, cancellationToken).ConfigureAwait(false);
        if (!HttpSyntax.TryChunkSize(_connection.Io.Unread[..length], out _left))
            throw new BadRequestException(400, "A chunk's size or extension is malformed.");
        _connection.Io.Skip(length + 2);
        if (_left > 0)
            return true;
        await TrailersAsync(cancellationToken).ConfigureAwait(false);
        _done = true;
        return false;
    }

    private async ValueTask TrailersAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var length = await LineAsync(MaxLine, cancellationToken).ConfigureAwait(false);
            CheckTrailer(_connection.Io.Unread[..length]);
            _connection.Io.Skip(length + 2);
            if (length == 0)
                return;
            total += length;
            if (total > _connection.Server.Options.MaxHeadBytes)
                throw new BadRequestException(431, "The trailers are too large.");
        }
    }

    private static void CheckTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
            return;
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpSyntax.IsToken(line[..colon]) || line[(colon + 1)..].IndexOfAny(HttpSyntax.NotInValue) >= 0)
            throw new BadRequestException(400, "A trailer is malformed.");
    }

    /// <summary>The length of the next line, which then stands in the buffer with its CRLF.</summary>
    private async ValueTask<int> LineAsync(int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = FindLine(_connection.Io.Unread, limit);
            if (length >= 0)
                return length;
            if (!await _connection.Io.FillAsync(cancellationToken).ConfigureAwait(false))
                throw Ended();
        }
    }

    private static int FindLine(ReadOnlySpan<byte> data, int limit)
    {
        var at = data.IndexOfAny((byte)'\r', (byte)'\n');
        if (at >= 0 && (data[at] == '\n' || (at + 1 < data.Length && data[at + 1] != '\n')))
            throw new BadRequestException(400, "A bare CR or LF stands in the chunked body.");
        if (at > limit || (at < 0 && data.Length > limit))
            throw new BadRequestException(400, "A line of the chunked body is too long.");
        return at >= 0 && at + 1 < data.Length ? at : -1;
    }

    private IOException Ended()
    {
        _connection.Io.Break();
        return new IOException("The peer ended the connection within the body.");
    }
}
