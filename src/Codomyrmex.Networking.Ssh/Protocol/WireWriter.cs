using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Writes the data types of RFC 4251, section 5.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public WireWriter Byte(byte value) => Raw([value]);

    public WireWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public WireWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public WireWriter String(ReadOnlySpan<byte> value) => UInt32((uint)value.Length).Raw(value);

    public WireWriter Text(string value) => String(Encoding.UTF8.GetBytes(value));

    /// <summary>A positive integer, given as its bytes, most significant first.</summary>
    public WireWriter PositiveInteger(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart((byte)0);
        // A set first bit would make it negative.
        var isPadded = !value.IsEmpty && (value[0] & 0x80) != 0;
        UInt32((uint)(value.Length + (isPadded ? 1 : 0)));
        if (isPadded)
            Byte(0);
        return Raw(value);
    }

    public WireWriter Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Overwrites what was written, where it was secret.</summary>
    public void Clear() => _bytes.Clear();
}
