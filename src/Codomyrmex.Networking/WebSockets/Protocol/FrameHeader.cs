using System.Buffers.Binary;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>The head of a frame (RFC 6455, section 5.2). Reading it says what stands there; <see cref="FrameRules"/> says whether it may.</summary>
internal readonly struct FrameHeader
{
    /// <summary>The longest head: two bytes, eight of length, four of mask.</summary>
    public const int MaxSize = 14;

    /// <summary>The most bytes that a control frame may carry (section 5.5).</summary>
    public const int MaxControlPayload = 125;

    private const byte ControlBit = 0x08;
    private const byte FinBit = 0x80;
    private const byte Rsv1Bit = 0x40;
    private const byte RsvBits = 0x70;
    private const byte MaskBit = 0x80;

    private readonly byte _first;

    private FrameHeader(byte first, bool isMasked, long length)
    {
        _first = first;
        IsMasked = isMasked;
        Length = length;
    }

    public Opcode Opcode => (Opcode)(_first & 0x0f);

    /// <summary>Whether it is the last frame of its message.</summary>
    public bool IsFinal => (_first & FinBit) != 0;

    /// <summary>Whether the message that it begins is compressed (RFC 7692, section 6).</summary>
    public bool IsCompressed => (_first & Rsv1Bit) != 0;

    /// <summary>Whether a reserved bit other than that of compression is set.</summary>
    public bool HasUnknownBits => (_first & (RsvBits & ~Rsv1Bit)) != 0;

    public bool IsControl => (_first & ControlBit) != 0;

    public bool IsMasked { get; }

    /// <summary>Bytes of payload, of a control frame that is too long 126 or 127; negative where the length has its highest bit set, which section 5.2 forbids.</summary>
    public long Length { get; }

    /// <summary>Reads a head. A peer that spends more bytes on a length than it needs is refused (section 5.2).</summary>
    /// <returns>The size of the head, a mask included; 0 where bytes are missing; -1 where the length is not in its shortest form.</returns>
    public static int TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
            return 0;
        var isMasked = (bytes[1] & MaskBit) != 0;
        long length = bytes[1] & 0x7f;
        var size = 2;
        // One of a control frame that is too long is known before it is read.
        if (length > MaxControlPayload && (bytes[0] & ControlBit) != 0)
        {
            header = new FrameHeader(bytes[0], isMasked, length);
            return size;
        }
        if (length == 126)
        {
            if (bytes.Length < 4)
                return 0;
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            size = 4;
            if (length < 126)
                return -1;
        }
        else if (length == 127)
        {
            if (bytes.Length < 10)
                return 0;
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            size = 10;
            if (length is >= 0 and <= ushort.MaxValue)
                return -1;
        }
        size += isMasked ? 4 : 0;
        if (bytes.Length < size)
            return 0;
        header = new FrameHeader(bytes[0], isMasked, length);
        return size;
    }

    /// <summary>The size of the head of a masked frame.</summary>
    public static int SizeFor(long length) => length < 126 ? 6 : length <= ushort.MaxValue ? 8 : MaxSize;

    /// <summary>Writes the head of a masked frame, as clients send them (section 5.1).</summary>
    /// <returns>Its size.</returns>
    public static int Write(Span<byte> target, Opcode opcode, bool isFinal, bool isCompressed, long length, uint mask)
    {
        target[0] = (byte)((byte)opcode | (isFinal ? FinBit : 0) | (isCompressed ? Rsv1Bit : 0));
        int size;
        if (length < 126)
        {
            target[1] = (byte)(MaskBit | length);
            size = 2;
        }
        else if (length <= ushort.MaxValue)
        {
            target[1] = MaskBit | 126;
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)length);
            size = 4;
        }
        else
        {
            target[1] = MaskBit | 127;
            BinaryPrimitives.WriteInt64BigEndian(target[2..], length);
            size = 10;
        }
        // In the order of memory, as FrameMask applies it.
        BinaryPrimitives.WriteUInt32LittleEndian(target[size..], mask);
        return size + 4;
    }
}
