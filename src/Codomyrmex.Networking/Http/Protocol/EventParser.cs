using System.Buffers;
using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// Reads server-sent events (WHATWG HTML, section 9.2.6, "Interpreting an event stream") from bytes, wherever they are cut. What the stream's end
/// leaves unfinished is no event.
/// </summary>
internal sealed class EventParser(int lineLimit, int eventLimit, Endpoint endpoint, string? lastEventId = null) : IDisposable
{
    private const string DefaultType = "message";

    private readonly LineSplitter _lines = new(lineLimit, endpoint);
    private readonly PooledBytes _data = new();
    private bool _hasData;
    private bool _isTaken;
    private bool _isAscii = true;
    private string _knownType = DefaultType;

    /// <summary>The type of the event that was read.</summary>
    public string Type { get; private set; } = DefaultType;

    /// <summary>The data of the event that was read.</summary>
    public string Data { get; private set; } = "";

    /// <summary>The identifier given since the event before; null where none was.</summary>
    public string? Id { get; private set; }

    /// <summary>The reconnection time named since the event before; null where none was.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>The last identifier of all events so far, or the one begun with; empty where an event took it back.</summary>
    public string? LastEventId { get; private set; } = lastEventId;

    /// <summary>The reconnection time that the server named last.</summary>
    public TimeSpan? ReconnectionTime { get; private set; }

    /// <summary>Reads an event off the input's front. Where none is complete, all of the input is kept for the next call.</summary>
    /// <param name="input">The bytes that follow those of the last call; what is left of them.</param>
    /// <exception cref="HTTPException">A line or an event's data is longer than allowed (<c>http.too_large</c>).</exception>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input)
    {
        if (_isTaken)
            Clear();
        while (_lines.TryRead(ref input, out var line))
        {
            if (line.IsEmpty)
            {
                if (TryFinish())
                    return true;
                continue;
            }
            if (!line.StartsWith("data"u8) || !IsNamed(line, 4, out var value))
            {
                ReadField(line);
                continue;
            }
            if (!_hasData && _lines.TrySkipEmpty(ref input))
            {
                // Nearly every event: one line of data and its end lie in the input, and nothing is copied but the text.
                CheckLength(value.Length);
                Finish(value);
                return true;
            }
            AddData(value);
        }
        return false;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _data.Dispose();
    }

    private static bool IsNamed(ReadOnlySpan<byte> line, int length, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length == length)
            return true;
        if (line[length] != ':')
            return false;
        value = line[(length + 1)..];
        if (!value.IsEmpty && value[0] == ' ')
            value = value[1..];
        return true;
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("event"u8) && IsNamed(line, 5, out var value))
            Type = value.IsEmpty ? DefaultType : TypeOf(value);
        else if (line.StartsWith("id"u8) && IsNamed(line, 2, out value) && !value.Contains((byte)0))
            Id = Encoding.UTF8.GetString(value);
        else if (line.StartsWith("retry"u8) && IsNamed(line, 5, out value) && Milliseconds(value) is { } wait)
            ReconnectionTime = Retry = wait;
    }

    private void AddData(ReadOnlySpan<byte> value)
    {
        CheckLength(_data.Length + value.Length + 1);
        if (_hasData)
            _data.Append("\n"u8);
        _data.Append(value);
        _hasData = true;
    }

    private bool TryFinish()
    {
        if (_hasData)
        {
            Finish(_data.Span);
            return true;
        }
        // Without data there is no event; its identifier counts all the same, its type does not.
        LastEventId = Id ?? LastEventId;
        Type = DefaultType;
        return false;
    }

    private void Finish(ReadOnlySpan<byte> data)
    {
        Data = TextOf(data);
        if (Id is not null)
            LastEventId = Id;
        _isTaken = true;
    }

    private void Clear()
    {
        _isTaken = false;
        Type = DefaultType;
        if (Id is not null)
            Id = null;
        Retry = null;
        if (!_hasData)
            return;
        _hasData = false;
        _data.Clear();
    }

    // Data in ASCII, as JSON mostly is, is read once, where UTF-8 must be read twice: first for its length.
    private string TextOf(ReadOnlySpan<byte> data)
    {
        if (_isAscii)
        {
            var text = string.Create(data.Length, new Decoding(data, ref _isAscii), static (text, from) => from.IsAscii = Ascii.ToUtf16(from.Bytes, text, out _) == OperationStatus.Done);
            if (_isAscii)
                return text;
        }
        var decoded = Encoding.UTF8.GetString(data);
        _isAscii = decoded.Length == data.Length;
        return decoded;
    }

    /// <summary>The type as a string, the same one for the same type in a row.</summary>
    private string TypeOf(ReadOnlySpan<byte> name)
    {
        if (!Ascii.Equals(name, _knownType))
            _knownType = Encoding.UTF8.GetString(name);
        return _knownType;
    }

    // Digits alone count. More of them than a timer can wait for are as many as it can.
    private static TimeSpan? Milliseconds(ReadOnlySpan<byte> digits)
    {
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return null;
        long total = 0;
        foreach (var digit in digits)
            total = Math.Min(int.MaxValue, (total * 10) + digit - '0');
        return TimeSpan.FromMilliseconds(total);
    }

    private void CheckLength(int length)
    {
        if (length <= eventLimit)
            return;
        throw new NetworkFailure
        {
            Code = ErrorCodes.HttpTooLarge,
            Message = $"{endpoint} sent an event with more than {eventLimit} bytes of data (ResponseLimits.EventBytes).",
            Phase = NetworkPhase.Receive,
            Endpoint = endpoint,
            WasSent = WasSent.Yes,
        }.ToException();
    }

    private readonly ref struct Decoding(ReadOnlySpan<byte> bytes, ref bool isAscii)
    {
        public readonly ReadOnlySpan<byte> Bytes = bytes;
        public readonly ref bool IsAscii = ref isAscii;
    }
}
