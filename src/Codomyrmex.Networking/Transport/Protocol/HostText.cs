using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>What may be written to a proxy as a host: a canonical address literal, or a name of letters, digits, '-', '.' and '_'.</summary>
internal static class HostText
{
    /// <summary>The longest name that SOCKS can carry: its length is one octet (RFC 1928, section 5).</summary>
    public const int MaxLength = 255;

    /// <summary>
    /// Reads an address literal in its usual form only. <see cref="IPAddress.TryParse(string, out IPAddress)"/> alone also takes
    /// <c>127.1</c>, <c>010.0.0.1</c> and <c>[::1]:80</c>, where two readers may see two different hosts.
    /// </summary>
    public static bool TryParseAddress(string host, [NotNullWhen(true)] out IPAddress? address)
    {
        if (host.Contains(':', StringComparison.Ordinal))
            return IPAddress.TryParse(host, out address) && !host.Contains('[', StringComparison.Ordinal);
        return IPAddress.TryParse(host, out address) && address.ToString() == host;
    }

    /// <summary>
    /// The address as another machine should see it: without the zone, which has a meaning on this node only (RFC 4007, section 6), and
    /// IPv4 where it is an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2).
    /// </summary>
    public static IPAddress ForPeer(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 16 ? new IPAddress(bytes) : address;
    }

    /// <summary>Whether the text is a name that can stand in a request without changing its meaning.</summary>
    public static bool IsName(ReadOnlySpan<char> host)
    {
        if (host.IsEmpty || host.Length > MaxLength)
            return false;
        foreach (var c in host)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))
                return false;
        }
        return true;
    }

    /// <exception cref="ArgumentException">The host cannot be written: CR, LF, NUL, other separators, not ASCII, empty or too long.</exception>
    public static void RequireName(string host)
    {
        if (!IsName(host))
        {
            throw new ArgumentException(
                $"'{PeerText.Escape(host)}' is not a host name of 1 to {MaxLength} ASCII letters, digits, '-', '.' and '_'.", nameof(host));
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The port is not 1 to 65535.</exception>
    public static void RequirePort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
    }
}
