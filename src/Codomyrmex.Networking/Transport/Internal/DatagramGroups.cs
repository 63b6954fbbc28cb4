using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Joins and leaves groups (RFC 3376, RFC 3810), also those of one source (RFC 4607).</summary>
internal static class DatagramGroups
{
    public static void Change(Socket socket, IPAddress group, int interfaceIndex, IPAddress? source, bool isJoining)
    {
        try
        {
            if (source is not null)
                ChangeOfSource(socket, group, interfaceIndex, source, isJoining);
            else if (group.AddressFamily == AddressFamily.InterNetwork)
                socket.SetSocketOption(SocketOptionLevel.IP, isJoining ? SocketOptionName.AddMembership : SocketOptionName.DropMembership, new MulticastOption(group, interfaceIndex));
            else
                socket.SetSocketOption(SocketOptionLevel.IPv6, isJoining ? SocketOptionName.AddMembership : SocketOptionName.DropMembership, new IPv6MulticastOption(group, interfaceIndex));
        }
        catch (SocketException error)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalAddress,
                Message = $"The group {group}{(source is null ? "" : $" of {source}")} cannot be {(isJoining ? "joined" : "left")} on interface {interfaceIndex}: {error.Message}.",
                Phase = NetworkPhase.Connect,
            }.ToException(error);
        }
    }

    // struct group_source_req of linux/in.h: the interface, padding, two addresses of 128 bytes each.
    private static void ChangeOfSource(Socket socket, IPAddress group, int interfaceIndex, IPAddress source, bool isJoining)
    {
        const int Join = 46, Leave = 47, Room = 128;
        if (!Libc.IsSupported)
            throw new PlatformNotSupportedException("Groups of one source are joined on 64-bit Linux only.");
        Span<byte> request = stackalloc byte[8 + (2 * Room)];
        request.Clear();
        MemoryMarshal.Write(request, interfaceIndex);
        Write(group, request.Slice(8, Room));
        Write(source, request.Slice(8 + Room, Room));
        var level = group.AddressFamily == AddressFamily.InterNetwork ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;
        socket.SetRawSocketOption((int)level, isJoining ? Join : Leave, request);
    }

    private static void Write(IPAddress address, Span<byte> destination)
    {
        var written = new IPEndPoint(address, 0).Serialize();
        written.Buffer.Span[..written.Size].CopyTo(destination);
    }
}
