using System.Net;

namespace Codomyrmex.Networking.Sockets;

/// <summary>A datagram that was received.</summary>
/// <param name="Data">
/// What was in it. Of a receive it lies in the client's buffer and is valid until the next one; of a request it is the caller's own.
/// </param>
/// <param name="RemoteEndPoint">Who sent it, as far as the network can be believed. Shared between datagrams of one sender: not to be changed.</param>
public readonly record struct UDPDatagram(ReadOnlyMemory<byte> Data, IPEndPoint RemoteEndPoint)
{
    /// <summary>Whether it was longer than the buffer (<see cref="UDPClientOptions.MaxDatagramBytes"/>), and its end is lost.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The address that it was sent to, where <see cref="UDPClientOptions.ReportsInterface"/> asks for it; null otherwise.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The number of the interface that it came in by, where <see cref="UDPClientOptions.ReportsInterface"/> asks for it; 0 otherwise.</summary>
    public int InterfaceIndex { get; init; }
}
