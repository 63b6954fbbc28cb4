using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>SOCKS4 and its extension 4A (Ying-Da Lee's two memos; there is no RFC): requests as bytes, answers as values.</summary>
internal static class Socks4a
{
    private const int ReplyLength = 8;

    /// <summary>CONNECT by name: the address 0.0.0.1 says that a name follows the user.</summary>
    /// <exception cref="ArgumentException">The host is not a name, the port is out of range, or the user cannot be sent.</exception>
    public static byte[] Connect(string host, int port, string? user)
    {
        host = TunnelTarget.Name(host);
        var request = Connect([0, 0, 0, 1], port, user, host.Length + 1);
        Encoding.ASCII.GetBytes(host, request.AsSpan(request.Length - host.Length - 1));
        return request;
    }

    /// <summary>CONNECT by IPv4 address, as in SOCKS4.</summary>
    /// <exception cref="ArgumentException">Not IPv4, the port is out of range, or the user cannot be sent.</exception>
    public static byte[] Connect(IPAddress address, int port, string? user)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length != 4)
            throw new ArgumentException("SOCKS4 cannot carry an IPv6 address; use SOCKS5", nameof(address));
        // 0.0.0.x means "a name follows" to the server, which would then wait for one.
        if (bytes is [0, 0, 0, _])
            throw new ArgumentException("SOCKS4 cannot carry an address of 0.0.0.0/24", nameof(address));
        return Connect(bytes, port, user, 0);
    }

    public static int MissingFromReply(ReadOnlySpan<byte> received)
    {
        if (received.Length > 0 && received[0] != 0)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"its answer begins with 0x{received[0]:x2} instead of 0x00; it may not be a SOCKS4 proxy"));
        }
        return Math.Max(0, ReplyLength - received.Length);
    }

    /// <summary>The answer to CONNECT; the address in it has no meaning for CONNECT and is dropped.</summary>
    /// <exception cref="FormatException">Not such an answer.</exception>
    public static Socks4aReplyCode ReadReply(ReadOnlySpan<byte> answer)
    {
        if (MissingFromReply(answer) != 0 || answer.Length != ReplyLength)
            throw new FormatException("its reply is not 8 bytes long");
        var code = (Socks4aReplyCode)answer[1];
        return code is >= Socks4aReplyCode.Granted and <= Socks4aReplyCode.IdentMismatch
            ? code
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its reply has an unknown code, {answer[1]}"));
    }

    /// <summary>The reply in words.</summary>
    public static string Describe(Socks4aReplyCode code) => code switch
    {
        Socks4aReplyCode.Granted => "request granted",
        Socks4aReplyCode.Rejected => "request rejected or failed",
        Socks4aReplyCode.IdentUnreachable => "the proxy cannot reach this machine's identd",
        _ => "the user differs from the one that identd reports",
    };

    private static byte[] Connect(ReadOnlySpan<byte> address, int port, string? user, int extra)
    {
        TunnelTarget.Port(port);
        var userLength = Encoding.UTF8.GetByteCount(user ?? "");
        if (userLength > 255)
            throw new ArgumentException("the user is longer than 255 bytes", nameof(user));
        // NUL ends the user on the wire: one inside would let the rest of it pass for the host.
        if (user is not null && user.Any(char.IsControl))
            throw new ArgumentException("the user holds a control character", nameof(user));
        var request = new byte[9 + userLength + extra];
        request[0] = 4;
        request[1] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), (ushort)port);
        address.CopyTo(request.AsSpan(4));
        Encoding.UTF8.GetBytes(user ?? "", request.AsSpan(8));
        return request;
    }
}
