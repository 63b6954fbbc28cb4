using System.Buffers.Binary;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// Reads a DNS message front to back (RFC 1035, section 4). Whatever the bytes are, it either returns a value or throws
/// <see cref="DNSResolutionException"/>; the work and the memory it costs are bounded by the constants here.
/// </summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    // 127 labels fill a name, and a pointer that adds none serves nothing but to keep the reader busy.
    private const int MaxPointers = 127;

    // Sixteen characters for each byte of the longest message: compression cannot blow a small answer up without end.
    private const int MaxText = 16 * ushort.MaxValue;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _textLeft = MaxText;
    private int _pointer = -1;
    private string? _pointerName;

    /// <summary>The offset of the next byte.</summary>
    public int Position { get; private set; }

    /// <summary>Where reading must stop: the end of the message, or of the record whose data is being read.</summary>
    public int End { get; set; } = message.Length;

    public readonly bool IsAtEnd => Position >= End;

    public byte ReadByte() => ReadBytes(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(ReadBytes(4));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > End - Position)
            throw DnsMessage.Malformed("it ends in the middle of a field");
        var bytes = _message.Slice(Position, count);
        Position += count;
        return bytes;
    }

    /// <summary>Charges text that was made from the message.</summary>
    public string Charge(string text)
    {
        _textLeft -= text.Length;
        return _textLeft >= 0 ? text : throw DnsMessage.Malformed("its records unfold to too much text");
    }

    /// <summary>Reads a name, compressed or not, into presentation form.</summary>
    public string ReadName()
    {
        // Nearly every record starts with the same pointer to the question's name.
        if (End - Position >= 2 && (_message[Position] & 0xC0) == 0xC0)
        {
            var pointer = BinaryPrimitives.ReadUInt16BigEndian(_message[Position..]);
            if (pointer == _pointer)
            {
                Position += 2;
                return _pointerName!;
            }
            _pointerName = ReadLabels();
            _pointer = pointer;
            return _pointerName;
        }
        return ReadLabels();
    }

    private string ReadLabels()
    {
        Span<char> text = stackalloc char[DnsName.MaxText];
        var (at, limit, segment, after) = (Position, End, Position, -1);
        var (length, wire, pointers) = (0, 1, 0);
        while (true)
        {
            if (at >= limit)
                throw DnsMessage.Malformed("a name runs past the end");
            int size = _message[at++];
            if (size == 0)
                break;
            if (size >= 0xC0)
            {
                if (at >= limit)
                    throw DnsMessage.Malformed("a name runs past the end");
                var target = ((size & 0x3F) << 8) | _message[at++];
                if (after < 0)
                    after = at;
                // RFC 1035, section 4.1.4: to a prior occurrence. Each one is strictly before the last, so no loop is possible.
                if (target >= segment || target < DnsMessage.HeaderLength || ++pointers > MaxPointers)
                    throw DnsMessage.Malformed("a compressed name does not point backwards");
                (at, segment, limit) = (target, target, _message.Length);
                continue;
            }
            if (size > DnsName.MaxLabel)
                throw DnsMessage.Malformed("a label has an unknown type");
            wire += size + 1;
            if (wire > DnsName.MaxWire)
                throw DnsMessage.Malformed("a name is longer than 255 octets");
            if (size > limit - at)
                throw DnsMessage.Malformed("a name runs past the end");
            if (length > 0)
                text[length++] = '.';
            length += DnsText.EscapeLabel(_message.Slice(at, size), text[length..]);
            at += size;
        }
        Position = after < 0 ? at : after;
        return length == 0 ? "." : Charge(new string(text[..length]));
    }
}
