namespace Codomyrmex.Networking.Sockets;

/// <summary>Which byte of a number comes first.</summary>
public enum ByteOrder
{
    /// <summary>The most significant: network byte order (RFC 1700).</summary>
    BigEndian,

    /// <summary>The least significant.</summary>
    LittleEndian,
}
