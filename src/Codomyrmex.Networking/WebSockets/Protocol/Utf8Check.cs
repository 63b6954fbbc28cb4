using System.Text.Unicode;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>
/// Whether text that arrives in parts is UTF-8 (RFC 3629), known at the first byte that cannot be any more: RFC 6455, section 8.1, asks to fail the
/// connection then, and not at the end of the message.
/// </summary>
internal struct Utf8Check
{
    // The bytes of a character that has begun, at most three; the lowest is the first.
    private uint _begun;
    private int _begunLength;

    /// <summary>Whether no character is left half.</summary>
    public readonly bool IsComplete => _begunLength == 0;

    /// <summary>Takes the next part.</summary>
    /// <returns>Whether the text so far can still become UTF-8.</returns>
    public bool Accept(ReadOnlySpan<byte> part)
    {
        if (_begunLength == 0 && Utf8.IsValid(part))
            return true;
        return AcceptSlowly(part);
    }

    private bool AcceptSlowly(ReadOnlySpan<byte> part)
    {
        while (_begunLength > 0)
        {
            if (part.IsEmpty)
                return true;
            _begun |= (uint)part[0] << (8 * _begunLength++);
            part = part[1..];
            Span<byte> character = [(byte)_begun, (byte)(_begun >> 8), (byte)(_begun >> 16), (byte)(_begun >> 24)];
            character = character[.._begunLength];
            if (Utf8.IsValid(character))
                (_begun, _begunLength) = (0, 0);
            else if (!CanBegin(character))
                return false;
        }
        var whole = part.Length - Begun(part);
        if (!Utf8.IsValid(part[..whole]))
            return false;
        foreach (var octet in part[whole..])
            _begun |= (uint)octet << (8 * _begunLength++);
        return true;
    }

    // The length of a character at the end that has begun properly and is not complete; 0 for none.
    private static int Begun(ReadOnlySpan<byte> text)
    {
        for (var length = 1; length <= Math.Min(3, text.Length); length++)
        {
            var tail = text[^length..];
            if ((tail[0] & 0xc0) == 0x80)
                continue;
            return !Utf8.IsValid(tail) && CanBegin(tail) ? length : 0;
        }
        return 0;
    }

    // RFC 3629, section 4: what may stand first, and what second behind it. Whether a third or fourth byte fits is seen with it.
    private static bool CanBegin(ReadOnlySpan<byte> text)
    {
        var length = text[0] switch
        {
            >= 0xc2 and <= 0xdf => 2,
            >= 0xe0 and <= 0xef => 3,
            >= 0xf0 and <= 0xf4 => 4,
            _ => 0,
        };
        if (text.Length >= length)
            return false;
        if (text.Length > 1)
        {
            var (least, most) = text[0] switch
            {
                0xe0 => (0xa0, 0xbf),
                0xed => (0x80, 0x9f),
                0xf0 => (0x90, 0xbf),
                0xf4 => (0x80, 0x8f),
                _ => (0x80, 0xbf),
            };
            if (text[1] < least || text[1] > most)
                return false;
        }
        return text.Length < 3 || (text[2] & 0xc0) == 0x80;
    }
}
