using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking;

/// <summary>
/// An IP address as a number, so that ranges compare without allocation. Zone ids are dropped: they choose a link, not a destination.
/// </summary>
/// <param name="Value">The address; an IPv4 address fills the low 32 bits.</param>
/// <param name="IsIPv4">Whether it is an IPv4 address.</param>
internal readonly record struct IPBits(UInt128 Value, bool IsIPv4)
{
    private static readonly UInt128 MappedPrefix = new(0, 0x0000_FFFF_0000_0000);

    /// <summary>32 or 128.</summary>
    public int Length => IsIPv4 ? 32 : 128;

    /// <summary>The IPv4 address where this is an IPv4-mapped one (RFC 4291, section 2.5.5.2): packets go to the same host.</summary>
    public IPBits Unmapped => !IsIPv4 && Value >> 32 == MappedPrefix >> 32 ? IPv4((uint)Value) : this;

    public static IPBits IPv4(uint value) => new(value, true);

    public static IPBits From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? IPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new IPBits(BinaryPrimitives.ReadUInt128BigEndian(bytes), false);
    }

    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!IsIPv4)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
            return new IPAddress(bytes);
        }
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Value);
        return new IPAddress(bytes[..4]);
    }

    public override string ToString() => ToAddress().ToString();
}
