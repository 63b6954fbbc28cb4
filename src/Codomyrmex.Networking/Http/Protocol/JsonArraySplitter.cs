using System.Buffers;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// Takes the items off a JSON array (RFC 8259, section 5), wherever its bytes are cut. It finds where items begin and end, and no byte is looked
/// at twice; whether an item is JSON is for its reader to say. An item that lies in the input whole is not copied.
/// </summary>
internal sealed class JsonArraySplitter(int limit, Endpoint endpoint) : ISplitter
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{},"u8);

    private readonly PooledBytes _kept = new();
    private Place _place = Place.Before;
    private bool _isKeptTaken;
    private bool _isPastItem;
    private int _depth;

    private enum Place
    {
        Before,
        Items,
        InString,
        AfterBackslash,
        After,
    }

    /// <summary>Whether the array has been closed.</summary>
    public bool IsClosed => _place == Place.After;

    /// <summary>Takes an item; an empty one where a comma has nothing on one of its sides.</summary>
    /// <inheritdoc/>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> item)
    {
        if (_isKeptTaken)
        {
            _kept.Clear();
            _isKeptTaken = false;
        }
        item = default;
        if (_place is Place.Before)
            ReadStart(ref input);
        if (_place is Place.Before or Place.After)
            return ReadSpace(ref input);
        var end = EndOfItem(input);
        if (_kept.Length + (end < 0 ? input.Length : end) > limit)
            throw Failure(ErrorCodes.HttpTooLarge, $"sent an array's item of more than {limit} bytes (ResponseLimits.LineBytes)");
        if (end < 0)
        {
            _kept.Append(input);
            input = default;
            return false;
        }
        item = input[..end];
        var isLast = input[end] == ']';
        input = input[(end + 1)..];
        if (_kept.Length > 0)
        {
            _kept.Append(item);
            _isKeptTaken = true;
            item = _kept.Span;
        }
        item = item.Trim(" \t\r\n"u8);
        _place = isLast ? Place.After : Place.Items;
        // Only an array that is empty has nothing before its end.
        if (isLast && !_isPastItem && item.IsEmpty)
            return ReadSpace(ref input);
        _isPastItem = true;
        return true;
    }

    /// <summary>Nothing is left of an array that is closed, and what is left of another is no item.</summary>
    /// <inheritdoc/>
    public bool TryReadRest(out ReadOnlySpan<byte> item)
    {
        item = default;
        return false;
    }

    public void Dispose() => _kept.Dispose();

    private void ReadStart(ref ReadOnlySpan<byte> input)
    {
        // A byte order mark may come in pieces; nothing else begins with its bytes.
        input = input.TrimStart("\uFEFF \t\r\n"u8);
        if (input.IsEmpty)
            return;
        if (input[0] != '[')
            throw Failure(ErrorCodes.HttpDecode, "sent something else than a JSON array");
        input = input[1..];
        _place = Place.Items;
    }

    private bool ReadSpace(ref ReadOnlySpan<byte> input)
    {
        if (!input.TrimStart(" \t\r\n"u8).IsEmpty)
            throw Failure(ErrorCodes.HttpDecode, "sent more bytes behind the end of its JSON array");
        input = default;
        return false;
    }

    /// <summary>Where the item ends that the input begins in; -1 where it goes on.</summary>
    private int EndOfItem(ReadOnlySpan<byte> input)
    {
        for (var at = 0; at < input.Length; at++)
        {
            if (_place == Place.AfterBackslash)
            {
                _place = Place.InString;
                continue;
            }
            var found = _place == Place.InString ? input[at..].IndexOfAny((byte)'"', (byte)'\\') : input[at..].IndexOfAny(Structure);
            if (found < 0)
                return -1;
            at += found;
            switch (input[at])
            {
                case (byte)'\\':
                    _place = Place.AfterBackslash;
                    break;
                case (byte)'"':
                    _place = _place == Place.InString ? Place.Items : Place.InString;
                    break;
                case (byte)'[' or (byte)'{':
                    _depth++;
                    break;
                case (byte)']' or (byte)'}' when _depth > 0:
                    _depth--;
                    break;
                case (byte)']':
                    return at;
                case (byte)',' when _depth == 0:
                    return at;
            }
        }
        return -1;
    }

    private NetworkException Failure(string code, string what) => new NetworkFailure
    {
        Code = code,
        Message = $"{endpoint} {what}.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}
