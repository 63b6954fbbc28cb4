using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>An address to probe, once as .NET knows it and once as the system's calls take it. Not thread-safe: the port is written into the latter.</summary>
internal sealed class ProbeAddress
{
    private readonly byte[] _native;

    public ProbeAddress(IPAddress address)
    {
        Address = address;
        IsIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        IsLoopback = IPAddress.IsLoopback(address);
        _native = new byte[IsIPv4 ? 16 : 28];
        _native[0] = (byte)Family;
        address.TryWriteBytes(_native.AsSpan(IsIPv4 ? 4 : 8), out _);
        if (!IsIPv4)
            BinaryPrimitives.WriteUInt32LittleEndian(_native.AsSpan(24), (uint)address.ScopeId);
    }

    public IPAddress Address { get; }

    public bool IsIPv4 { get; }

    public bool IsLoopback { get; }

    public int Family => IsIPv4 ? SocketNumber.IPv4 : SocketNumber.IPv6;

    /// <summary>The bytes of the address alone, in network order.</summary>
    public ReadOnlySpan<byte> Bytes => IsIPv4 ? _native.AsSpan(4, 4) : _native.AsSpan(8, 16);

    /// <summary>The bytes of the address that this machine sends to it from, where somebody has asked for it.</summary>
    public byte[]? Source { get; set; }

    /// <summary>The structure <c>sockaddr_in</c> or <c>sockaddr_in6</c>.</summary>
    public ReadOnlySpan<byte> WithPort(int port)
    {
        _native[2] = (byte)(port >> 8);
        _native[3] = (byte)port;
        return _native;
    }
}
