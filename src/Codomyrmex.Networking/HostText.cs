using System.Buffers;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>
/// A host as a caller or a peer wrote it, read once: an address, a name, or neither. Policy, resolver, proxies and URLs all read it
/// here: a host which one parser takes for a name and another for an address is how guards are bypassed (RFC 6943, section 3.1.1).
/// Allocates only for IPv6 and for names beyond ASCII.
/// </summary>
internal readonly ref struct HostText
{
    // Nothing else occurs in a host name that resolves (RFC 1123, section 2.1; underscores as in RFC 2782). An allow-list keeps out what
    // URL parsers, shells, proxies and logs read differently: \ % @ / ? # quotes, blanks and control characters.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly SearchValues<char> ZoneCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~");

    private const int LongestInput = 1024;

    // RFC 1035, section 2.3.4: 255 octets on the wire leave 253 characters of text.
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>The name in ASCII, without a trailing dot, letter case as written; empty for an address.</summary>
    public ReadOnlySpan<char> Name { get; private init; }

    /// <summary>The address where <see cref="IsAddress"/>.</summary>
    public IPBits Address { get; private init; }

    /// <summary>The zone id of an IPv6 address, which chooses a link of this machine (RFC 4007, section 6); empty for none.</summary>
    public ReadOnlySpan<char> Zone { get; private init; }

    public bool IsAddress { get; private init; }

    /// <summary>Why this is no host, in words that end the sentence "invalid host: it …"; null for a good one.</summary>
    public string? Problem { get; private init; }

    /// <summary>Reads a host in any spelling, an IPv4 address in those of inet_aton too (<c>127.1</c>, <c>0x7f.1</c>, <c>2130706433</c>).</summary>
    /// <param name="host">A name or an address, with or without brackets.</param>
    public static HostText Parse(ReadOnlySpan<char> host) => Read(host, out _);

    /// <summary>Reads a host whose IPv4 addresses must be in the one spelling that nobody reads differently.</summary>
    /// <param name="host">A name or an address, with or without brackets.</param>
    public static HostText ParseStrict(ReadOnlySpan<char> host)
    {
        var text = Read(host, out var isOdd);
        return isOdd ? Bad($"is the address {text.Address} in an unusual spelling") : text;
    }

    /// <summary>
    /// The one spelling under which a host is compared, checked and connected to: lower case, ASCII, no trailing dot; addresses in their
    /// canonical form (RFC 5952), without brackets, with the zone.
    /// </summary>
    /// <exception cref="FormatException">The host has a <see cref="Problem"/>.</exception>
    public string Canonical()
    {
        if (Problem is not null)
            throw new FormatException($"Invalid host: it {Problem}.");
        if (!IsAddress)
            return string.Create(Name.Length, Name, static (lower, name) => Ascii.ToLower(name, lower, out _));
        return Zone.IsEmpty ? Address.ToString() : $"{Address}%{Zone}";
    }

    /// <summary>The address with its zone; a zone that this machine does not have is dropped.</summary>
    public IPAddress ToAddress() => Zone.IsEmpty ? Address.ToAddress() : IPAddress.Parse(Canonical());

    private static HostText Read(ReadOnlySpan<char> host, out bool isOdd)
    {
        isOdd = false;
        if (host.IsEmpty)
            return Bad("is empty");
        if (host.Length > LongestInput)
            return Bad("is longer than 253 characters");
        if (host[0] == '[')
            return host[^1] == ']' ? IPv6(host[1..^1], isInUrl: true) : Bad("has a bracket that is not closed");
        if (host.Contains(':'))
            return IPv6(host, isInUrl: false);
        if (Ascii.IsValid(host))
            return NameOrIPv4(host, out isOdd);
        if (IdnText.ToAscii(host, out var problem) is not { } ascii)
            return Bad(problem);
        var text = NameOrIPv4(ascii, out _);
        isOdd = text.IsAddress;
        return text;
    }

    private static HostText NameOrIPv4(ReadOnlySpan<char> text, out bool isOdd)
    {
        isOdd = false;
        var odd = text.IndexOfAnyExcept(NameCharacters);
        if (odd >= 0)
            return Bad("contains " + IdnText.Show(text[odd]));
        var name = text[^1] == '.' ? text[..^1] : text;
        if (name.Length > LongestName)
            return Bad("is longer than 253 characters");
        foreach (var label in name.Split('.'))
        {
            var length = name[label].Length;
            if (length == 0)
                return Bad("has an empty label");
            if (length > LongestLabel)
                return Bad("has a label longer than 63 characters");
        }
        if (!IPv4Text.EndsInNumber(name))
            return new HostText { Name = name };
        isOdd = !IPv4Text.IsDottedQuad(text);
        if (IPv4Text.TryParse(name, out var address))
            return new HostText { IsAddress = true, Address = IPBits.IPv4(address) };
        isOdd = false;
        return Bad("ends in a number but is not an IPv4 address");
    }

    private static HostText IPv6(ReadOnlySpan<char> text, bool isInUrl)
    {
        ReadOnlySpan<char> zone = [];
        var percent = text.IndexOf('%');
        if (percent >= 0)
        {
            zone = text[(percent + 1)..];
            text = text[..percent];
            // RFC 6874: in a URL, and so in brackets, the '%' before the zone is an escaped one. Many write it plainly.
            if (isInUrl && zone.StartsWith("25"))
                zone = zone[2..];
            if (zone.IsEmpty || zone.ContainsAnyExcept(ZoneCharacters))
                return Bad("has a malformed zone id");
        }
        // The BCL's parser also takes brackets, ports and prefix lengths, so only address characters may reach it.
        if (!text.Contains(':') || text.ContainsAnyExcept(IPv6Characters) || !IPAddress.TryParse(text, out var address))
            return Bad("has a colon or a bracket but is not an IPv6 address");
        return new HostText { IsAddress = true, Address = IPBits.From(address), Zone = zone };
    }

    private static HostText Bad(string problem) => new() { Problem = problem };
}
