using System.Runtime.CompilerServices;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// The receiving half of a connection: takes frames apart in the buffer that they arrived in, checks them, and hands on the pieces of messages. It
/// reads on whether or not anybody asks for messages, as long as the queue has room, so that pings are answered and a lost peer is noticed.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    // What an idle connection holds; a peer that fills it gets a large one.
    private const int SmallBuffer = 1024;
    private const int LargeBuffer = 64 * 1024;

    // A frame that fits no large buffer gets one of its own, once this much of it has come: promises cost the peer something too.
    // A peer that has kept such a promise is believed the next time.
    private const int EarnsFirstOwnBuffer = 16 * 1024;
    private const int OwnBuffer = 1024 * 1024;
    private const int BatchSize = 1024;

    private readonly Stream _stream;
    private readonly PieceQueue _queue;
    private readonly IFrameSink _sink;
    private readonly Inflater? _inflater;
    private readonly long _messageBytes;
    private FrameRules _rules;
    private Utf8Check _utf8;

    private ReceiveBuffer _buffer;
    private int _start;
    private int _end;
    private bool _wasFilled;
    private int _lastRead;
    private int _earnsOwnBuffer = EarnsFirstOwnBuffer;
    private Piece[] _batch = [];
    private int _batched;
    private int _wasted;
    private bool _hasRest;

    // Of the data frame under way.
    private bool _inFrame;
    private bool _isFinalFrame;
    private long _left;
    private int _checked;
    private PieceMarks _next;

    // Of the compressed message under way.
    private ReceiveBuffer? _inflated;
    private int _inflatedStart;
    private int _inflatedEnd;
    private long _inflatedTotal;

    public FrameReader(Stream stream, ReadOnlySpan<byte> received, PieceQueue queue, IFrameSink sink, WebSocketLimits limits, Inflater? inflater)
    {
        _stream = stream;
        _queue = queue;
        _sink = sink;
        _inflater = inflater;
        _messageBytes = limits.MessageBytes;
        _rules = new FrameRules(limits.MessageBytes, limits.FrameBytes, limits.Fragments, inflater is not null);
        _buffer = ReceiveBuffer.Rent(Math.Max(SmallBuffer, received.Length));
        received.CopyTo(_buffer.Array);
        _end = received.Length;
    }

    /// <summary>Whether a message has begun to arrive and not ended.</summary>
    public bool IsInMessage => _inFrame || _rules.InMessage;

    /// <summary>Whether the reader waits for the receiver, and so cannot see what the peer sends.</summary>
    public bool IsHeldUp { get; private set; }

    /// <summary>Reads until the close frame, or the end of the stream.</summary>
    /// <returns>Whether the connection was closed by a close frame.</returns>
    /// <exception cref="ProtocolFaultException">The peer broke the protocol.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            bool goesOn;
            try
            {
                goesOn = Parse();
            }
            finally
            {
                // Also what came whole before a broken frame.
                Publish();
            }
            if (!goesOn)
                return true;
            if (_queue.IsFull)
            {
                IsHeldUp = true;
                await _queue.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
                IsHeldUp = false;
            }
            if (_hasRest)
            {
                _hasRest = false;
                continue;
            }
            if (_inFrame && _left > LargeBuffer - FrameHeader.MaxSize && !_rules.IsCompressed && _end - _start >= _earnsOwnBuffer)
            {
                if (!await ReadLargeAsync(cancellationToken).ConfigureAwait(false))
                    return false;
                continue;
            }
            MakeRoom();
            var reading = _stream.ReadAsync(_buffer.Array.AsMemory(_end), cancellationToken);
            int count;
            if (reading.IsCompleted || !KeepsPart)
            {
                count = await reading.ConfigureAwait(false);
            }
            else
            {
                (count, var isTaken) = await OfferWhileAsync(reading, KeptPart).ConfigureAwait(false);
                if (isTaken)
                    ForgetPart();
            }
            if (count == 0)
                return false;
            _end += count;
            _lastRead = count;
            _wasFilled = _end == _buffer.Size;
            _sink.Received();
        }
    }

    public void Dispose()
    {
        _buffer.Release();
        _inflated?.Release();
        _inflater?.Dispose();
    }

    /// <summary>Takes apart what has arrived.</summary>
    /// <returns>False once a close frame has been read.</returns>
    private bool Parse()
    {
        while (true)
        {
            if (!_inFrame)
            {
                var bytes = _buffer.Array.AsSpan(_start, _end - _start);
                var size = FrameHeader.TryRead(bytes, out var header);
                if (size == 0)
                    return true;
                if (size < 0)
                    throw new ProtocolFaultException(new(WebSocketCloseCode.ProtocolError, "sent a length that is not in its shortest form"));
                if (_rules.Accept(header) is { } fault)
                    throw new ProtocolFaultException(fault);
                if (header.IsControl)
                {
                    if (bytes.Length < size + header.Length)
                        return true;
                    _start += size + (int)header.Length;
                    // The messages around it keep it in memory, and the queue is to know.
                    _wasted = Math.Min(LargeBuffer, _wasted + size + (int)header.Length);
                    if (!Control(header.Opcode, bytes.Slice(size, (int)header.Length)))
                        return false;
                    continue;
                }
                _start += size;
                Begin(header);
            }
            if (!_rules.IsCompressed)
            {
                if (!Take())
                    return true;
            }
            else if (!Inflate())
            {
                return true;
            }
            else if (_queue.IsFull)
            {
                // A few bytes become many: what else has arrived waits until there is room.
                _hasRest = true;
                return true;
            }
        }
    }

    private bool Control(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Ping:
                _sink.Ping(payload);
                return true;
            case Opcode.Pong:
                _sink.Pong(payload);
                return true;
            default:
                if (ClosePayload.Read(payload, out var code, out var reason) is { } fault)
                    throw new ProtocolFaultException(fault);
                // What came before it is delivered first, and the sink may end the queue.
                Publish();
                _sink.Close(code, reason);
                return false;
        }
    }

    private void Begin(in FrameHeader header)
    {
        _inFrame = true;
        _isFinalFrame = header.IsFinal;
        _left = header.Length;
        _checked = 0;
        if (header.Opcode == Opcode.Continuation)
            return;
        _next = PieceMarks.First | (header.Opcode == Opcode.Binary ? PieceMarks.Binary : PieceMarks.None);
        _utf8 = default;
        _inflatedTotal = 0;
    }

    /// <summary>Takes the payload of the frame under way, whole if it will fit the buffer.</summary>
    /// <returns>Whether the frame is complete.</returns>
    private bool Take()
    {
        var here = _end - _start;
        if (here < _left)
        {
            Check(_buffer.Array.AsSpan(_start + _checked, here - _checked), isLast: false);
            _checked = here;
            // In parts only where somebody waits for each: a message in one piece need not be put together.
            if (_queue.WantsParts && here > 0)
                HandOnPart();
            return false;
        }
        var length = (int)_left;
        Check(_buffer.Array.AsSpan(_start + _checked, length - _checked), _isFinalFrame);
        AddPiece(_buffer, _start, length, _isFinalFrame);
        _start += length;
        _inFrame = false;
        return true;
    }

    /// <summary>Whether a part of a message is here that has not been handed on.</summary>
    private bool KeepsPart => _rules.IsCompressed ? _inflatedEnd > _inflatedStart : _inFrame && _end > _start;

    /// <summary>That part. It has been checked.</summary>
    private Piece KeptPart => _rules.IsCompressed
        ? new(_inflated!, _inflatedStart, _inflatedEnd - _inflatedStart, _next)
        : new(_buffer, _start, _end - _start, _next);

    private void HandOnPart()
    {
        var part = KeptPart;
        AddPiece(part.Buffer, part.Offset, part.Length, isLast: false);
        ForgetPart();
    }

    /// <summary>The part is the receiver's.</summary>
    private void ForgetPart()
    {
        if (_rules.IsCompressed)
        {
            _inflatedStart = _inflatedEnd;
            return;
        }
        _left -= _end - _start;
        _start = _end;
        _checked = 0;
    }

    /// <summary>Waits for a read. A receiver that begins to want parts meanwhile gets the one that is here.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(int Count, bool IsTaken)> OfferWhileAsync(ValueTask<int> reading, Piece part)
    {
        bool isTaken;
        int count;
        _queue.Offer(part);
        try
        {
            count = await reading.ConfigureAwait(false);
        }
        finally
        {
            isTaken = _queue.Withdraw();
            if (isTaken)
                _next &= ~PieceMarks.First;
        }
        return (count, isTaken);
    }

    /// <summary>Reads the rest of a large frame into a buffer of its own.</summary>
    private async ValueTask<bool> ReadLargeAsync(CancellationToken cancellationToken)
    {
        var here = _end - _start;
        var own = ReceiveBuffer.Rent((int)Math.Min(_left, OwnBuffer));
        try
        {
            var size = (int)Math.Min(_left, own.Size);
            _buffer.Array.AsSpan(_start, here).CopyTo(own.Array);
            (_start, _end, _wasFilled) = (0, 0, false);
            if (!_buffer.IsOnlyMine || _buffer.Size >= LargeBuffer)
                Renew(SmallBuffer);
            var published = 0;
            for (var filled = here; ;)
            {
                var isLast = _isFinalFrame && filled == _left;
                Check(own.Array.AsSpan(_checked, filled - _checked), isLast);
                _checked = filled;
                if (filled == size || (_queue.WantsParts && filled > published))
                {
                    AddPiece(own, published, filled - published, isLast);
                    Publish();
                    published = filled;
                }
                if (filled == size)
                    break;
                var reading = _stream.ReadAsync(own.Array.AsMemory(filled, size - filled), cancellationToken);
                int count;
                if (reading.IsCompleted || filled == published)
                {
                    count = await reading.ConfigureAwait(false);
                }
                else
                {
                    (count, var isTaken) = await OfferWhileAsync(reading, new(own, published, filled - published, _next)).ConfigureAwait(false);
                    if (isTaken)
                        published = filled;
                }
                if (count == 0)
                    return false;
                filled += count;
                _sink.Received();
            }
            _left -= size;
            _checked = 0;
            _inFrame = _left > 0;
            _earnsOwnBuffer = 0;
            return true;
        }
        finally
        {
            own.Release();
        }
    }

    /// <summary>Inflates what has arrived of the frame under way.</summary>
    /// <returns>Whether the frame is complete.</returns>
    private bool Inflate()
    {
        var here = (int)Math.Min(_left, _end - _start);
        if (here > 0)
        {
            _inflater!.Give(_buffer.Array, _start, here);
            InflateGiven();
            _start += here;
            _left -= here;
        }
        if (_left > 0)
            return false;
        if (_isFinalFrame)
        {
            _inflater!.GiveTail();
            InflateGiven();
            _inflater.EndMessage();
        }
        Check([], _isFinalFrame);
        if (_isFinalFrame || (_queue.WantsParts && _inflatedEnd > _inflatedStart))
            AddInflated(_isFinalFrame);
        _inFrame = false;
        return true;
    }

    private void InflateGiven()
    {
        while (true)
        {
            if (_inflated is null || _inflatedEnd == _inflated.Size)
            {
                if (_inflated is not null && _inflatedEnd > _inflatedStart)
                    AddInflated(isLast: false);
                Publish();
                _inflated?.Release();
                _inflated = ReceiveBuffer.Rent(_inflated is null ? SmallBuffer : LargeBuffer);
                (_inflatedStart, _inflatedEnd) = (0, 0);
            }
            var target = _inflated.Array.AsSpan(_inflatedEnd);
            int count;
            try
            {
                count = _inflater!.Read(target);
            }
            catch (InvalidDataException)
            {
                throw new ProtocolFaultException(new(WebSocketCloseCode.InvalidData, "sent a compressed message that cannot be inflated"));
            }
            if (count == 0)
                return;
            _inflatedTotal += count;
            if (_inflatedTotal > _messageBytes)
                throw new ProtocolFaultException(new(WebSocketCloseCode.MessageTooBig, $"sent a message that inflates to more than {_messageBytes} bytes (WebSocketLimits.MessageBytes)"));
            Check(target[..count], isLast: false);
            _inflatedEnd += count;
        }
    }

    private void AddInflated(bool isLast)
    {
        AddPiece(_inflated!, _inflatedStart, _inflatedEnd - _inflatedStart, isLast);
        _inflatedStart = _inflatedEnd;
    }

    private void Check(ReadOnlySpan<byte> part, bool isLast)
    {
        if (_rules.Kind == Opcode.Text && (!_utf8.Accept(part) || (isLast && !_utf8.IsComplete)))
            throw new ProtocolFaultException(new(WebSocketCloseCode.InvalidData, "sent text that is not UTF-8"));
    }

    private void AddPiece(ReceiveBuffer buffer, int offset, int length, bool isLast)
    {
        if (_batched > 0 && (_batched == BatchSize || !ReferenceEquals(_batch[0].Buffer, buffer)))
            Publish();
        if (_batched == _batch.Length)
            Array.Resize(ref _batch, Math.Max(4, _batch.Length * 2));
        _batch[_batched++] = new Piece(buffer, offset, length, _next | (isLast ? PieceMarks.Last : PieceMarks.None));
        _next &= ~PieceMarks.First;
    }

    private void Publish()
    {
        if (_batched == 0)
            return;
        _queue.Add(_batch.AsSpan(0, _batched), _wasted);
        (_batched, _wasted) = (0, 0);
    }

    /// <summary>Makes room to read into, for the whole frame under way where it can be.</summary>
    private void MakeRoom()
    {
        var here = _end - _start;
        if (here == 0 && _buffer.IsOnlyMine)
        {
            // Back to the beginning. A peer that fills a small buffer gets a large one; one that sends little gives it back.
            (_start, _end) = (0, 0);
            if (_buffer.Size < LargeBuffer ? _wasFilled : _lastRead < SmallBuffer)
                Renew(_wasFilled ? LargeBuffer : SmallBuffer);
            return;
        }
        var needed = _inFrame && !_rules.IsCompressed ? (int)Math.Min(_left, LargeBuffer) : here + FrameHeader.MaxSize + FrameHeader.MaxControlPayload;
        if (_buffer.Size - _start >= needed && _buffer.Size - _end >= Math.Min(_buffer.Size / 4, LargeBuffer / 8))
            return;
        Renew(_wasFilled || needed > SmallBuffer ? LargeBuffer : SmallBuffer);
    }

    private void Renew(int size)
    {
        var fresh = ReceiveBuffer.Rent(size);
        var here = _end - _start;
        _buffer.Array.AsSpan(_start, here).CopyTo(fresh.Array);
        _buffer.Release();
        (_buffer, _start, _end) = (fresh, 0, here);
    }
}
