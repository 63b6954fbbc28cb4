using System.Globalization;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>One entry of a no-proxy list: everything, a name with its subdomains, or a range of addresses; on one port or on all.</summary>
internal sealed class NoProxyEntry
{
    private readonly string? _name;
    private readonly Cidr? _range;
    private readonly int? _port;

    private NoProxyEntry(string? name, Cidr? range, int? port)
    {
        _name = name;
        _range = range;
        _port = port;
    }

    /// <exception cref="FormatException">The entry is none; the message names it.</exception>
    public static NoProxyEntry Parse(string entry)
    {
        var (subject, prefix, port) = Split(entry.Trim()) ?? throw Malformed(entry);
        if (subject == "*" && prefix is null)
            return new NoProxyEntry(null, null, port);
        var name = subject.StartsWith("*.", StringComparison.Ordinal) ? subject[2..] : subject.TrimStart('.');
        // Digits and dots in an odd spelling, such as 10.1, look like another address to other readers.
        var host = HostText.ParseStrict(name);
        if (host.Problem is not null)
            throw Malformed(entry);
        if (!host.IsAddress)
            return prefix is null ? new NoProxyEntry(host.Canonical(), null, port) : throw Malformed(entry);
        // A zone names a link of this node only, and would never equal a target's (RFC 4007).
        if (name.Length != subject.Length || !host.Zone.IsEmpty || prefix > host.Address.Length)
            throw Malformed(entry);
        var range = new Cidr(host.Address, prefix ?? host.Address.Length).Unmapped;
        // Half IPv4-mapped, half not: no range that a target could be in.
        if (!range.Network.IsIPv4 && host.Address.Unmapped.IsIPv4)
            throw Malformed(entry);
        return new NoProxyEntry(null, range, port);
    }

    /// <summary>Whether it covers the target.</summary>
    public bool Covers(in HostText target, int port)
    {
        if (_port is { } only && only != port)
            return false;
        if (_range is { } range)
            return target.IsAddress && range.Contains(target.Address.Unmapped);
        if (_name is null)
            return true;
        return target.Name.EndsWith(_name, StringComparison.OrdinalIgnoreCase) &&
            (target.Name.Length == _name.Length || target.Name[^(_name.Length + 1)] == '.');
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
        new($"'{Printable.Text(entry)}' is no entry of a no-proxy list; write a name, an address, a range such as 10.0.0.0/8, each with an optional :port, or *.");
}
