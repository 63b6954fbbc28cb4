using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Reads the data types of RFC 4251, section 5. Whatever is missing or too much is a <see cref="FormatException"/>.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public byte Byte() => Take(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A string: a length, and as many bytes.</summary>
    public ReadOnlySpan<byte> String()
    {
        var length = UInt32();
        return length <= (uint)_rest.Length
            ? Take((int)length)
            : throw new FormatException($"A string of {length} bytes stands where {_rest.Length} are left.");
    }

    /// <summary>A string that is text. Bytes that are no UTF-8 are an error: two texts must not look alike.</summary>
    public string Text()
    {
        try
        {
            return StrictUtf8.GetString(String());
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("A text is no UTF-8.");
        }
    }

    /// <summary>A positive multiple-precision integer as its bytes without leading zeros.</summary>
    public ReadOnlySpan<byte> PositiveInteger()
    {
        var value = String();
        if (value.IsEmpty || (value[0] & 0x80) != 0)
            throw new FormatException("An integer is not positive.");
        var start = value.IndexOfAnyExcept((byte)0);
        if (start is < 0 or > 1 || (start == 1 && (value[1] & 0x80) == 0))
            throw new FormatException("An integer is zero, or has zeros before it.");
        return value[start..];
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new FormatException($"{_rest.Length} bytes follow where none may.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new FormatException("It ends too early.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
}
