using System.Buffers.Binary;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The beginning of a Zstandard frame (RFC 8878, section 3.1), which says what the rest will cost. Bytes only.</summary>
/// <param name="IsSkippable">Whether it holds nothing to decode.</param>
/// <param name="Window">The memory that decoding it takes, in bytes.</param>
/// <param name="Dictionary">The dictionary that it was made with; 0 for none.</param>
/// <param name="Length">Bytes of the header; of all of it where it is skippable.</param>
/// <param name="HasChecksum">Whether four bytes of checksum follow the last block.</param>
internal readonly record struct ZstdFrame(bool IsSkippable, ulong Window, uint Dictionary, long Length, bool HasChecksum)
{
    /// <summary>The window that every HTTP decoder has room for, and no encoder exceeds (RFC 9659, section 3).</summary>
    public const ulong MaxWindow = 8 * 1024 * 1024;

    /// <summary>The longest header: magic number, descriptor, window, dictionary, content size.</summary>
    public const int MaxHeader = 4 + 1 + 1 + 4 + 8;

    /// <summary>Bytes before each block, which say its length.</summary>
    public const int BlockHeader = 3;

    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;

    /// <summary>How many more bytes the header has than those received; 0 where it is complete.</summary>
    /// <exception cref="FormatException">No frame begins like this.</exception>
    public static int Missing(ReadOnlySpan<byte> received)
    {
        if (received.Length < 4)
            return 4 - received.Length;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(received);
        if ((magic & 0xFFFFFFF0) == SkippableMagic)
            return Math.Max(0, 8 - received.Length);
        if (magic != Magic)
            throw new FormatException("no frame begins here");
        return received.Length < 5 ? 1 : Math.Max(0, HeaderLength(received[4]) - received.Length);
    }

    /// <summary>Reads a complete header.</summary>
    /// <exception cref="FormatException">It is not one that RFC 8878 allows.</exception>
    public static ZstdFrame Read(ReadOnlySpan<byte> header)
    {
        if (Missing(header) > 0)
            throw new FormatException("the header of a frame is cut");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
            return new ZstdFrame(true, 0, 0, 8L + BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), false);
        var descriptor = header[4];
        if ((descriptor & 0x08) != 0)
            throw new FormatException("a reserved bit is set");
        var rest = header[5..];
        ulong window = 0;
        if (!IsSingleSegment(descriptor))
        {
            var size = 1UL << (10 + (rest[0] >> 3));
            window = size + (size / 8 * (ulong)(rest[0] & 7));
            rest = rest[1..];
        }
        var dictionary = (uint)LittleEndian(rest[..DictionaryLength(descriptor)]);
        if (IsSingleSegment(descriptor))
        {
            var content = rest.Slice(DictionaryLength(descriptor), ContentLength(descriptor));
            window = LittleEndian(content) + (content.Length == 2 ? 256UL : 0);
        }
        return new ZstdFrame(false, window, dictionary, HeaderLength(descriptor), (descriptor & 0x04) != 0);
    }

    /// <summary>Reads what stands before a block: how many bytes of it follow, and whether it is the frame's last.</summary>
    /// <exception cref="FormatException">The block's type is reserved.</exception>
    public static (int Length, bool IsLast) ReadBlock(ReadOnlySpan<byte> header)
    {
        var value = (int)LittleEndian(header[..BlockHeader]);
        // Raw, a byte to be repeated, compressed.
        return ((value >> 1 & 3) switch
        {
            1 => 1,
            3 => throw new FormatException("the type of a block is reserved"),
            _ => value >> 3,
        }, (value & 1) != 0);
    }

    private static bool IsSingleSegment(byte descriptor) => (descriptor & 0x20) != 0;

    private static int DictionaryLength(byte descriptor) => (descriptor & 3) switch { 3 => 4, var length => length };

    private static int ContentLength(byte descriptor) => (descriptor >> 6) switch
    {
        0 => IsSingleSegment(descriptor) ? 1 : 0,
        var power => 1 << power,
    };

    private static int HeaderLength(byte descriptor) =>
        5 + (IsSingleSegment(descriptor) ? 0 : 1) + DictionaryLength(descriptor) + ContentLength(descriptor);

    private static ulong LittleEndian(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return value;
    }
}
