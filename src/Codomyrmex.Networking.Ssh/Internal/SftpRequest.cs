using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A request of the SFTP protocol, being written. Its length and number are filled in last.</summary>
internal sealed class SftpRequest(byte type)
{
    private byte[] _bytes = Begin(type);
    private int _count = 9;

    public byte Type => type;

    /// <summary>Whether it may take the server any time, during which it does nothing else.</summary>
    public bool IsLong { get; init; }

    public SftpRequest UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Room(4), value);
        return this;
    }

    public SftpRequest UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Room(8), value);
        return this;
    }

    public SftpRequest String(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        value.CopyTo(Room(value.Length));
        return this;
    }

    public SftpRequest Text(string value) => String(Encoding.UTF8.GetBytes(value));

    public SftpRequest Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        return this;
    }

    /// <summary>The request with its number; bytes that are sent behind it count in its length.</summary>
    public ReadOnlyMemory<byte> Finish(uint number, int bytesBehind)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes, (uint)(_count - 4 + bytesBehind));
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(5), number);
        return _bytes.AsMemory(0, _count);
    }

    private Span<byte> Room(int count)
    {
        if (_count + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + count));
        _count += count;
        return _bytes.AsSpan(_count - count, count);
    }

    private static byte[] Begin(byte type)
    {
        var bytes = new byte[96];
        bytes[4] = type;
        return bytes;
    }
}
