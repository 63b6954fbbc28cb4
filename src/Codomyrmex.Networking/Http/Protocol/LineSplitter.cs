using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// Takes lines off a stream of bytes, wherever the bytes are cut: LF, CR and CR LF end a line, a byte order mark before the first one is
/// dropped, and a line has a greatest length. A line that lies in the input whole is not copied.
/// </summary>
internal sealed class LineSplitter(int limit, Endpoint endpoint) : ISplitter
{
    private readonly PooledBytes _kept = new();
    private bool _isAfterCarriageReturn;
    private bool _isPastFirst;
    private bool _isKeptTaken;

    /// <summary>Whether nothing is pending: then a line that lies in the input whole is all there is to find.</summary>
    private bool _isPlain;

    /// <summary>Takes a line, without its end.</summary>
    /// <inheritdoc/>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line)
    {
        if (_isPlain)
        {
            var end = input.IndexOfAny((byte)'\n', (byte)'\r');
            if ((uint)end <= (uint)limit && EndLength(input[end..]) is > 0 and var length)
            {
                line = input[..end];
                input = input[(end + length)..];
                return true;
            }
        }
        return TryReadAny(ref input, out line);
    }

    /// <summary>Takes what stands behind the last line's end.</summary>
    /// <inheritdoc/>
    public bool TryReadRest(out ReadOnlySpan<byte> line)
    {
        line = _isKeptTaken ? default : _kept.Span;
        if (!_isPastFirst)
            line = WithoutMark(line);
        _isKeptTaken = true;
        return !line.IsEmpty;
    }

    /// <summary>Takes an empty line where it can be seen already that the next one is. The line before it stays valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySkipEmpty(scoped ref ReadOnlySpan<byte> input)
    {
        if (_isAfterCarriageReturn || input.IsEmpty || EndLength(input) is not (> 0 and var length))
            return false;
        input = input[length..];
        return true;
    }

    public void Dispose() => _kept.Dispose();

    /// <summary>How long the end of a line is that the input begins with; 0 where it begins with none, or where its own end does not tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EndLength(ReadOnlySpan<byte> input) => input[0] switch
    {
        (byte)'\n' => 1,
        (byte)'\r' when input.Length > 1 => input[1] == '\n' ? 2 : 1,
        _ => 0,
    };

    private bool TryReadAny(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line)
    {
        if (_isKeptTaken)
        {
            _kept.Clear();
            _isKeptTaken = false;
        }
        if (_isAfterCarriageReturn && !input.IsEmpty)
        {
            _isAfterCarriageReturn = false;
            if (input[0] == '\n')
                input = input[1..];
        }
        var length = input.IndexOfAny((byte)'\n', (byte)'\r');
        if (_kept.Length + (length < 0 ? input.Length : length) > limit)
            throw TooLong();
        if (length < 0)
        {
            _kept.Append(input);
            _isPlain &= input.IsEmpty;
            input = line = default;
            return false;
        }
        line = input[..length];
        var isReturn = input[length] == '\r';
        input = input[(length + 1)..];
        if (isReturn)
            SkipLineFeed(ref input);
        if (_kept.Length > 0)
        {
            _kept.Append(line);
            _isKeptTaken = true;
            line = _kept.Span;
        }
        if (!_isPastFirst)
            line = WithoutMark(line);
        _isPlain = !_isKeptTaken && !_isAfterCarriageReturn;
        return true;
    }

    // The line is complete with CR: one that waited for an LF which does not come would hold an event back.
    private void SkipLineFeed(ref ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            _isAfterCarriageReturn = true;
        else if (input[0] == '\n')
            input = input[1..];
    }

    private ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line)
    {
        _isPastFirst = true;
        return line.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    private NetworkException TooLong() => new NetworkFailure
    {
        Code = ErrorCodes.HttpTooLarge,
        Message = $"{endpoint} sent a line of more than {limit} bytes (ResponseLimits.LineBytes).",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}
