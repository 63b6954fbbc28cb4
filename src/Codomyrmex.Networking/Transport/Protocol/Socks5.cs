using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// SOCKS5 (RFC 1928) with username and password (RFC 1929): requests as bytes, answers as values. Each answer has a <c>Missing…</c>
/// function: at least that many more bytes belong to it, 0 when it is complete. Who reads by it never reads past the answer.
/// </summary>
internal static class Socks5
{
    public const byte NoAuthentication = 0x00;
    public const byte UsernamePassword = 0x02;
    public const byte NoAcceptableMethod = 0xFF;

    private const byte Version = 5;
    private const byte CredentialsVersion = 1;
    private const byte ConnectCommand = 1;
    private const byte IPv4 = 1, DomainName = 3, IPv6 = 4;

    /// <summary>The greeting: the authentication methods offered (RFC 1928, section 3).</summary>
    public static byte[] Greeting(bool withCredentials) =>
        withCredentials ? [Version, 2, NoAuthentication, UsernamePassword] : [Version, 1, NoAuthentication];

    public static int MissingFromMethod(ReadOnlySpan<byte> received) => MissingFromPair(received, Version);

    /// <summary>The method that the server chose; <see cref="NoAcceptableMethod"/> where it takes none of those offered.</summary>
    /// <exception cref="FormatException">Not a method selection, or a method that was not offered.</exception>
    public static byte ReadMethod(ReadOnlySpan<byte> answer, bool withCredentials)
    {
        if (MissingFromMethod(answer) != 0 || answer.Length != 2)
            throw new FormatException("the method selection is not 2 bytes long");
        return answer[1] switch
        {
            NoAuthentication or NoAcceptableMethod => answer[1],
            UsernamePassword when withCredentials => answer[1],
            var method => throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"it chose authentication method 0x{method:x2}, which was not offered")),
        };
    }

    /// <summary>User and password, each at most 255 bytes of UTF-8 (RFC 1929, section 2). An empty password is sent as such.</summary>
    /// <exception cref="ArgumentException">A value is too long, empty (user) or holds a control character.</exception>
    public static byte[] Credentials(string user, string password)
    {
        var userLength = RequireCredential(user, "user");
        if (userLength == 0)
            throw new ArgumentException("the user is empty", nameof(user));
        var passwordLength = RequireCredential(password, "password");
        var request = new byte[3 + userLength + passwordLength];
        request[0] = CredentialsVersion;
        request[1] = (byte)userLength;
        Encoding.UTF8.GetBytes(user, request.AsSpan(2));
        request[2 + userLength] = (byte)passwordLength;
        Encoding.UTF8.GetBytes(password, request.AsSpan(3 + userLength));
        return request;
    }

    public static int MissingFromCredentialsReply(ReadOnlySpan<byte> received) => MissingFromPair(received, CredentialsVersion);

    /// <summary>Whether the server accepts the credentials: only status 0 is yes (RFC 1929, section 2).</summary>
    /// <exception cref="FormatException">Not such an answer.</exception>
    public static bool ReadCredentialsReply(ReadOnlySpan<byte> answer)
    {
        if (MissingFromCredentialsReply(answer) != 0 || answer.Length != 2)
            throw new FormatException("the answer to the credentials is not 2 bytes long");
        return answer[1] == 0;
    }

    /// <summary>CONNECT by name: the server resolves it (RFC 1928, section 4).</summary>
    /// <exception cref="ArgumentException">The host is not a name, or the port is out of range.</exception>
    public static byte[] Connect(string host, int port)
    {
        host = TunnelTarget.Name(host);
        var request = Connect(DomainName, 1 + host.Length, port);
        request[4] = (byte)host.Length;
        Encoding.ASCII.GetBytes(host, request.AsSpan(5));
        return request;
    }

    /// <summary>CONNECT by address.</summary>
    /// <exception cref="ArgumentException">The port is out of range.</exception>
    public static byte[] Connect(IPAddress address, int port)
    {
        var bytes = address.GetAddressBytes();
        var request = Connect(bytes.Length == 4 ? IPv4 : IPv6, bytes.Length, port);
        bytes.CopyTo(request, 4);
        return request;
    }

    public static int MissingFromReply(ReadOnlySpan<byte> received)
    {
        var missing = MissingFromPair(received, Version);
        if (missing > 0)
            return missing;
        // A refusal counts from its code on: some servers close before they have sent the bound address, which says nothing then.
        if (received[1] != (byte)Socks5ReplyCode.Succeeded)
            return 0;
        // RSV, the third octet, is not looked at: nothing depends on it.
        if (received.Length < 4)
            return 4 - received.Length;
        var total = received[3] switch
        {
            IPv4 => 10,
            IPv6 => 22,
            DomainName => received.Length < 5 ? 5 : 7 + received[4],
            var type => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its reply has an unknown address type, 0x{type:x2}")),
        };
        return Math.Max(0, total - received.Length);
    }

    /// <summary>The answer to CONNECT; of a refusal only its code is looked at.</summary>
    /// <exception cref="FormatException">Not such an answer.</exception>
    public static Socks5Reply ReadReply(ReadOnlySpan<byte> answer)
    {
        if (MissingFromReply(answer) != 0)
            throw new FormatException("its reply is cut short");
        var code = (Socks5ReplyCode)answer[1];
        if (code != Socks5ReplyCode.Succeeded)
            return new Socks5Reply(code, null);
        var host = answer[3] == DomainName
            ? Printable.Text(Encoding.Latin1.GetString(answer.Slice(5, answer[4])), byte.MaxValue)
            : new IPAddress(answer.Slice(4, answer[3] == IPv4 ? 4 : 16)).ToString();
        var end = answer[3] switch { IPv4 => 8, IPv6 => 20, _ => 5 + answer[4] };
        if (answer.Length != end + 2)
            throw new FormatException("its reply is longer than its address type says");
        return new Socks5Reply(code, new Endpoint(host, BinaryPrimitives.ReadUInt16BigEndian(answer[end..])));
    }

    /// <summary>The reply's name in RFC 1928, section 6.</summary>
    public static string Describe(Socks5ReplyCode code) => code switch
    {
        Socks5ReplyCode.Succeeded => "succeeded",
        Socks5ReplyCode.GeneralFailure => "general SOCKS server failure",
        Socks5ReplyCode.NotAllowed => "connection not allowed by ruleset",
        Socks5ReplyCode.NetworkUnreachable => "network unreachable",
        Socks5ReplyCode.HostUnreachable => "host unreachable",
        Socks5ReplyCode.ConnectionRefused => "connection refused",
        Socks5ReplyCode.TtlExpired => "TTL expired",
        Socks5ReplyCode.CommandNotSupported => "command not supported",
        Socks5ReplyCode.AddressTypeNotSupported => "address type not supported",
        _ => string.Create(CultureInfo.InvariantCulture, $"unassigned reply code 0x{(byte)code:x2}"),
    };

    private static byte[] Connect(byte type, int addressLength, int port)
    {
        TunnelTarget.Port(port);
        var request = new byte[4 + addressLength + 2];
        request[0] = Version;
        request[1] = ConnectCommand;
        request[3] = type;
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(4 + addressLength), (ushort)port);
        return request;
    }

    private static int MissingFromPair(ReadOnlySpan<byte> received, byte version)
    {
        if (received.Length > 0 && received[0] != version)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"its answer begins with 0x{received[0]:x2} instead of version 0x{version:x2}; it may not be a SOCKS5 proxy"));
        }
        return Math.Max(0, 2 - received.Length);
    }

    /// <summary>The length in UTF-8. Control characters are no part of a credential and would hide in a log of the proxy.</summary>
    private static int RequireCredential(string value, string name)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (length > 255)
            throw new ArgumentException($"the {name} is longer than 255 bytes", name);
        if (value.Any(char.IsControl))
            throw new ArgumentException($"the {name} holds a control character", name);
        return length;
    }
}
