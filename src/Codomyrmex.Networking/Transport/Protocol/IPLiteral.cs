using System.Net;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// Tells addresses from names. One spelling only: <c>127.1</c>, <c>0x7f.1</c>, <c>010.0.0.1</c> and <c>2130706433</c> mean an address to
/// some parsers and a name to others, so what a policy reads and what is dialled could differ (RFC 6943, section 3.1.1).
/// </summary>
internal static class IPLiteral
{
    /// <summary>Reads a dotted quad without leading zeros, or an IPv6 address (RFC 4291, with or without brackets and zone).</summary>
    internal static bool TryParse(ReadOnlySpan<char> host, out IPAddress? address)
    {
        address = null;
        if (!LooksLikeOne(host))
            return false;
        return host.Contains(':') ? TryParseV6(host, out address) : TryParseV4(host, out address);
    }

    /// <summary>
    /// Whether a host can only be meant as an address: it holds a colon or a bracket, or its last label is a number
    /// (the WHATWG URL standard's "ends in a number").
    /// </summary>
    internal static bool LooksLikeOne(ReadOnlySpan<char> host)
    {
        if (host.IndexOfAny(':', '[', ']') >= 0)
            return true;
        if (host is [.., '.'])
            host = host[..^1];
        var last = host[(host.LastIndexOf('.') + 1)..];
        if (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return !last[2..].ContainsAnyExcept("0123456789abcdefABCDEF");
        foreach (var c in last)
        {
            if (!char.IsAsciiDigit(c))
                return false;
        }
        return last.Length > 0;
    }

    private static bool TryParseV4(ReadOnlySpan<char> host, out IPAddress? address)
    {
        // IPAddress reads the inet_aton spellings too; only the spelling that it writes itself is taken.
        Span<char> canonical = stackalloc char[15];
        if (IPAddress.TryParse(host, out address) && address.TryFormat(canonical, out var length) && host.SequenceEqual(canonical[..length]))
            return true;
        address = null;
        return false;
    }

    private static bool TryParseV6(ReadOnlySpan<char> host, out IPAddress? address)
    {
        address = null;
        if (host is ['[', .., ']'])
            host = host[1..^1];
        // A port, a prefix length and brackets inside are no part of an address.
        return host.IndexOfAny("[]/ ") < 0 && IPAddress.TryParse(host, out address);
    }
}
