namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>
/// Parses a request's head strictly (RFC 9112), line by line and without copying, over however many reads it takes.
/// Whatever two parsers could read differently is refused: that is how requests get smuggled.
/// </summary>
internal sealed class HeadParser(int maxRequestLine, int maxHead, int maxFields)
{
    private FieldSlice[] _fields = new FieldSlice[16];
    private int _line;
    private bool _requestLineSeen, _hostSeen, _transferEncodingSeen;

    public ReadOnlySpan<FieldSlice> Fields => _fields.AsSpan(0, FieldCount);
    public int FieldCount { get; private set; }
    public int Start { get; private set; }
    public int MethodLength { get; private set; }
    public int Target { get; private set; }
    public int TargetLength { get; private set; }
    public int PathLength { get; private set; }
    public bool IsVersion10 { get; private set; }
    public long ContentLength { get; private set; }
    public bool IsChunked { get; private set; }
    public bool KeepAlive { get; private set; }
    public bool ExpectsContinue { get; private set; }
    public bool AsksUpgrade { get; private set; }

    /// <summary>The length of the head, its empty last line included, once it is complete.</summary>
    public int Length { get; private set; }

    /// <summary>The status to refuse with, and why.</summary>
    public int Status { get; private set; }

    public string Reason { get; private set; } = string.Empty;

    public bool HasBody => IsChunked || ContentLength > 0;

    public void Reset()
    {
        _line = FieldCount = Start = MethodLength = Target = TargetLength = PathLength = Length = Status = 0;
        _requestLineSeen = _hostSeen = _transferEncodingSeen = IsVersion10 = IsChunked = ExpectsContinue = AsksUpgrade = false;
        KeepAlive = true;
        ContentLength = -1;
    }

    /// <summary>Goes on with the parse; <paramref name="data"/> begins with the request's first byte each time.</summary>
    public HeadResult Parse(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var rest = data[_line..];
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
                return Unfinished(rest);
            if (end == 0 || rest[end - 1] != '\r')
                return Refuse(400, "A line ends with a bare LF.");
            var line = rest[..(end - 1)];
            if (_line + end + 1 > maxHead)
                return Refuse(431, "The head is too large.");
            if (!_requestLineSeen)
            {
                // RFC 9112, section 2.2: one empty line before the request is forgiven.
                if (line.IsEmpty && _line == 0)
                {
                    _line = Start = 2;
                    continue;
                }
                if (!RequestLine(line))
                    return HeadResult.Refused;
                _requestLineSeen = true;
            }
            else if (line.IsEmpty)
            {
                Length = _line + 2;
                return Finish();
            }
            else if (!Field(line))
            {
                return HeadResult.Refused;
            }
            _line += end + 1;
        }
    }

    private HeadResult Unfinished(ReadOnlySpan<byte> rest)
    {
        var cr = rest.IndexOf((byte)'\r');
        if (cr >= 0 && cr < rest.Length - 1)
            return Refuse(400, "A bare CR stands in the head.");
        if (!_requestLineSeen && rest.Length > maxRequestLine)
            return Refuse(414, "The request line is too long.");
        return _line + rest.Length > maxHead ? Refuse(431, "The head is too large.") : HeadResult.Incomplete;
    }

    private HeadResult Refuse(int status, string reason)
    {
        Status = status;
        Reason = reason;
        return HeadResult.Refused;
    }

    private bool Fail(int status, string reason)
    {
        Refuse(status, reason);
        return false;
    }

    private bool RequestLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > maxRequestLine)
            return Fail(414, "The request line is too long.");
        var space = line.IndexOf((byte)' ');
        if (space <= 0 || !HttpSyntax.IsToken(line[..space]))
            return Fail(400, "The method is not a token.");
        var rest = line[(space + 1)..];
        var second = rest.IndexOf((byte)' ');
        if (second <= 0)
            return Fail(400, "The request line has no target or no version.");
        var target = rest[..second];
        var version = rest[(second + 1)..];
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || version[6] != '.' || !IsDigit(version[5]) || !IsDigit(version[7]))
            return Fail(400, "The version is malformed.");
        if (version[5] != '1')
            return Fail(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
        IsVersion10 = version[7] == '0';
        KeepAlive = !IsVersion10;
        MethodLength = space;
        Target = Start + space + 1;
        TargetLength = target.Length;
        var query = target.IndexOf((byte)'?');
        PathLength = query < 0 ? target.Length : query;
        if (target.IndexOfAnyExcept(HttpSyntax.Target) >= 0)
            return Fail(400, "The target holds a character that it may not hold.");
        return IsTargetForm(line[..space], target) || Fail(400, "The target is in none of the four forms.");
    }

    // RFC 9112, section 3.2.
    private static bool IsTargetForm(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target)
    {
        if (method.SequenceEqual("CONNECT"u8))
            return target.IndexOfAny("/?@"u8) < 0 && target.Contains((byte)':');
        if (target[0] == '/')
            return true;
        if (target.SequenceEqual("*"u8))
            return method.SequenceEqual("OPTIONS"u8);
        return (target.Length > 7 && HttpSyntax.EqualsIgnoreCase(target[..7], "http://"u8))
            || (target.Length > 8 && HttpSyntax.EqualsIgnoreCase(target[..8], "https://"u8));
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    private bool Field(ReadOnlySpan<byte> line)
    {
        if (FieldCount == maxFields)
            return Fail(431, "There are too many header fields.");
        if (line[0] is (byte)' ' or (byte)'\t')
            return Fail(400, "A header field is folded.");
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
            return Fail(400, "A header field has no colon.");
        var name = line[..colon];
        if (!HttpSyntax.IsToken(name))
            return Fail(400, "A header field's name is not a token.");
        var value = HttpSyntax.Trim(line[(colon + 1)..]);
        if (value.IndexOfAny(HttpSyntax.NotInValue) >= 0)
            return Fail(400, "A header field's value holds a control character.");
        if (FieldCount == _fields.Length)
            Array.Resize(ref _fields, _fields.Length * 2);
        var start = value.IsEmpty ? colon + 1 : colon + 1 + line[(colon + 1)..].IndexOfAnyExcept((byte)' ', (byte)'\t');
        _fields[FieldCount++] = new FieldSlice(_line, colon, _line + start, value.Length);
        return name.Length switch
        {
            4 when HttpSyntax.EqualsIgnoreCase(name, "host"u8) => Host(value),
            6 when HttpSyntax.EqualsIgnoreCase(name, "expect"u8) => Expect(value),
            7 when HttpSyntax.EqualsIgnoreCase(name, "upgrade"u8) => AsksUpgrade = true,
            10 when HttpSyntax.EqualsIgnoreCase(name, "connection"u8) => Connection(value),
            14 when HttpSyntax.EqualsIgnoreCase(name, "content-length"u8) => Size(value),
            17 when HttpSyntax.EqualsIgnoreCase(name, "transfer-encoding"u8) => Transfer(value),
            _ => true,
        };
    }

    private bool Host(ReadOnlySpan<byte> value)
    {
        if (_hostSeen)
            return Fail(400, "There is more than one Host.");
        _hostSeen = true;
        return value.IndexOfAnyExcept(HttpSyntax.Host) < 0 || Fail(400, "Host is malformed.");
    }

    private bool Expect(ReadOnlySpan<byte> value)
    {
        if (!HttpSyntax.EqualsIgnoreCase(value, "100-continue"u8))
            return Fail(417, "Only 100-continue can be expected.");
        ExpectsContinue = !IsVersion10;
        return true;
    }

    private bool Connection(ReadOnlySpan<byte> value)
    {
        if (HttpSyntax.ListContains(value, "close"u8))
            KeepAlive = false;
        return true;
    }

    private bool Size(ReadOnlySpan<byte> value)
    {
        if (!HttpSyntax.TryLength(value, out var length))
            return Fail(400, "Content-Length is not a number.");
        if (ContentLength >= 0 && ContentLength != length)
            return Fail(400, "Two values of Content-Length differ.");
        ContentLength = length;
        return true;
    }

    private bool Transfer(ReadOnlySpan<byte> value)
    {
        if (_transferEncodingSeen || IsVersion10)
            return Fail(400, "Transfer-Encoding is repeated, or in HTTP/1.0.");
        _transferEncodingSeen = IsChunked = true;
        if (HttpSyntax.EqualsIgnoreCase(value, "chunked"u8))
            return true;
        return Fail(value.EndsWith("chunked"u8) ? 501 : 400, "The only transfer coding is chunked.");
    }

    private HeadResult Finish()
    {
        if (!_hostSeen && !IsVersion10)
            return Refuse(400, "Host is missing.");
        if (IsChunked && ContentLength >= 0)
            return Refuse(400, "Content-Length and Transfer-Encoding exclude each other.");
        return HeadResult.Complete;
    }
}
