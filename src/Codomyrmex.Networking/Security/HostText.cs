using System.Buffers;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// A host as a caller or a peer wrote it, read once: an address, a name, or neither. Allocates only for IPv6 and for names beyond ASCII.
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
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>The name in ASCII, without a trailing dot, letter case as written; empty for an address.</summary>
    public ReadOnlySpan<char> Name { get; private init; }

    /// <summary>The address where <see cref="IsAddress"/>.</summary>
    public IPBits Address { get; private init; }

    public bool IsAddress { get; private init; }

    /// <summary>Why this is no host, in words that end the sentence "invalid host: it …"; null for a good one.</summary>
    public string? Problem { get; private init; }

    public static HostText Parse(string host)
    {
        if (host.Length == 0)
            return Bad("is empty");
        if (host.Length > LongestInput)
            return Bad("is longer than 253 characters");
        var text = host.AsSpan();
        if (text[0] == '[')
            return text[^1] == ']' ? IPv6(text[1..^1]) : Bad("has a bracket that is not closed");
        if (text.Contains(':'))
            return IPv6(text);
        if (!Ascii.IsValid(text))
        {
            if (IdnText.ToAscii(host, out var problem) is not { } ascii)
                return Bad(problem);
            text = ascii;
        }
        return NameOrIPv4(text);
    }

    private static HostText NameOrIPv4(ReadOnlySpan<char> text)
    {
        var odd = text.IndexOfAnyExcept(NameCharacters);
        if (odd >= 0)
            return Bad("contains " + IdnText.Show(text[odd]));
        if (text[^1] == '.')
            text = text[..^1];
        if (text.Length > LongestName)
            return Bad("is longer than 253 characters");
        foreach (var label in text.Split('.'))
        {
            var length = text[label].Length;
            if (length == 0)
                return Bad("has an empty label");
            if (length > LongestLabel)
                return Bad("has a label longer than 63 characters");
        }
        if (!IPv4Text.EndsInNumber(text))
            return new HostText { Name = text };
        return IPv4Text.TryParse(text, out var address)
            ? new HostText { IsAddress = true, Address = IPBits.IPv4(address) }
            : Bad("ends in a number but is not an IPv4 address");
    }

    private static HostText IPv6(ReadOnlySpan<char> text)
    {
        var zone = text.IndexOf('%');
        if (zone >= 0)
        {
            // RFC 6874 writes %25 inside URLs; either way the zone is what follows, and only its characters matter here.
            if (zone == text.Length - 1 || text[(zone + 1)..].ContainsAnyExcept(ZoneCharacters))
                return Bad("has a malformed zone id");
            text = text[..zone];
        }
        // The BCL's parser also takes brackets, ports and prefix lengths, so only address characters may reach it.
        if (!text.Contains(':') || text.ContainsAnyExcept(IPv6Characters) || !IPAddress.TryParse(text, out var address))
            return Bad("has a colon or a bracket but is not an IPv6 address");
        return new HostText { IsAddress = true, Address = IPBits.From(address) };
    }

    private static HostText Bad(string problem) => new() { Problem = problem };
}
