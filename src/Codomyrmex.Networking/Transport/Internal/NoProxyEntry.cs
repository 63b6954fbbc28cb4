using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>One entry of a no-proxy list: everything, a name with its subdomains, or a range of addresses; on one port or on all.</summary>
internal sealed class NoProxyEntry
{
    private readonly string? _name;
    private readonly byte[]? _network;
    private readonly int _prefix;
    private readonly int? _port;

    private NoProxyEntry(string? name, byte[]? network, int prefix, int? port)
    {
        _name = name;
        _network = network;
        _prefix = prefix;
        _port = port;
    }

    /// <exception cref="FormatException">The entry is none; the message names it.</exception>
    public static NoProxyEntry Parse(string entry)
    {
        var text = entry.Trim();
        var (subject, prefix, port) = Split(text) ?? throw Malformed(entry);
        if (subject == "*" && prefix is null)
            return new NoProxyEntry(null, null, 0, port);
        if (HostText.TryParseAddress(subject, out var address))
        {
            // A zone names a link of this node only, and would never equal a target's (RFC 4007).
            var peer = subject.Contains('%', StringComparison.Ordinal) ? throw Malformed(entry) : HostText.ForPeer(address);
            var bytes = peer.GetAddressBytes();
            var all = address.GetAddressBytes().Length * 8;
            if (prefix > all || (bytes.Length * 8 < all && prefix < 96))
                throw Malformed(entry);
            // An IPv4-mapped range is the IPv4 range behind its first 96 bits.
            return new NoProxyEntry(null, bytes, prefix is null ? bytes.Length * 8 : prefix.Value - (all - (bytes.Length * 8)), port);
        }
        var name = subject.StartsWith("*.", StringComparison.Ordinal) ? subject[2..] : subject.TrimStart('.');
        name = NoProxy.ToAscii(name) ?? throw Malformed(entry);
        // Digits and dots that are no address, such as 10.1, look like one to other readers: refuse them instead of never matching.
        if (prefix is not null || !HostText.IsName(name) || name.Contains("..", StringComparison.Ordinal) || !name.Any(char.IsAsciiLetter))
            throw Malformed(entry);
        return new NoProxyEntry(name, null, 0, port);
    }

    /// <summary>Whether it covers the target, which is either an address or a name in ASCII without a trailing dot.</summary>
    public bool Covers(string name, IPAddress? address, int port)
    {
        if (_port is { } only && only != port)
            return false;
        if (_network is not null)
            return address is not null && Contains(address.GetAddressBytes());
        if (_name is null)
            return true;
        return address is null && name.EndsWith(_name, StringComparison.OrdinalIgnoreCase) &&
            (name.Length == _name.Length || name[name.Length - _name.Length - 1] == '.');
    }

    private bool Contains(byte[] address)
    {
        if (address.Length != _network!.Length)
            return false;
        for (var bit = 0; bit < _prefix; bit += 8)
        {
            var mask = _prefix - bit >= 8 ? 0xFF : 0xFF << (8 - (_prefix - bit));
            if (((address[bit / 8] ^ _network[bit / 8]) & mask) != 0)
                return false;
        }
        return true;
    }

    /// <summary>
    /// <c>subject[/prefix][:port]</c>; an IPv6 subject stands in brackets before a port, as in <c>[2001:db8::1]:443</c>, unless a prefix
    /// already tells it from the port.
    /// </summary>
    private static (string Subject, int? Prefix, int? Port)? Split(string text)
    {
        var close = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        if (text.StartsWith('[') && close < 0)
            return null;
        if (close > 0 && text[1..close].Contains('/', StringComparison.Ordinal))
            return Split(text[1..close]) is ({ } inside, { } bits, null) && PortAfter(text[(close + 1)..], out var last) ? (inside, bits, last) : null;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var subject = slash >= 0 ? text[..slash] : text;
        var tail = slash >= 0 ? text[(slash + 1)..] : "";
        int? prefix = null;
        if (slash >= 0)
        {
            var colon = tail.IndexOf(':', StringComparison.Ordinal);
            if (!TryNumber(colon < 0 ? tail : tail[..colon], 128, out var value))
                return null;
            prefix = value;
            tail = colon < 0 ? "" : tail[colon..];
            if (close > 0)
                subject = close == slash - 1 ? subject[1..close] : "";
        }
        else if (close > 0)
        {
            subject = text[1..close];
            tail = text[(close + 1)..];
        }
        else if (subject.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 && colon == subject.LastIndexOf(':'))
        {
            subject = text[..colon];
            tail = text[colon..];
        }
        // Brackets are for IPv6 only.
        if (subject.Length == 0 || (close > 0 && !subject.Contains(':', StringComparison.Ordinal)))
            return null;
        return PortAfter(tail, out var port) ? (subject, prefix, port) : null;
    }

    private static bool PortAfter(string text, out int? port)
    {
        port = null;
        if (text.Length == 0)
            return true;
        if (text[0] != ':' || !TryNumber(text[1..], 65535, out var value) || value == 0)
            return false;
        port = value;
        return true;
    }

    private static bool TryNumber(string text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;

    private static FormatException Malformed(string entry) =>
        new($"'{PeerText.Escape(entry)}' is no entry of a no-proxy list; write a name, an address, a range such as 10.0.0.0/8, each with an optional :port, or *.");
}
