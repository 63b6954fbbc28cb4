using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Reads hosts with ports: <c>HOST:PORT:ADDR</c>, <c>SERVER[:PORT]</c>, <c>HOST:PORT</c>.</summary>
internal static class AddressText
{
    private const string Form = "write HOST:PORT, as example.com:443, 192.0.2.1:443 or [2001:db8::1]:443";

    /// <summary><c>HOST:PORT:ADDR</c>, as <c>--resolve</c> takes it; several addresses are separated by commas.</summary>
    /// <returns>The key <c>host:port</c> and its addresses.</returns>
    public static (string Key, IPAddress[] Addresses) ParsePin(string text)
    {
        var hostEnd = text.IndexOf(':', StringComparison.Ordinal);
        var portEnd = hostEnd < 0 ? -1 : text.IndexOf(':', hostEnd + 1);
        if (hostEnd <= 0 || portEnd < 0)
            throw new FormatException($"'{text}' is not HOST:PORT:ADDR.");
        var port = Port(text, text[(hostEnd + 1)..portEnd]);
        var addresses = text[(portEnd + 1)..].Split(',').Select(part => Address(part) ??
            throw new FormatException($"'{text}': '{part}' is not an IP address.")).ToArray();
        return (string.Create(CultureInfo.InvariantCulture, $"{text[..hostEnd]}:{port}"), addresses);
    }

    /// <summary><c>SERVER[:PORT]</c>: an address; an IPv6 one with a port stands in brackets.</summary>
    public static IPEndPoint ParseServer(string text)
    {
        if (Address(text) is { } bare)
            return new IPEndPoint(bare, 53);
        var colon = text.LastIndexOf(':');
        return colon > 0 && Address(text[..colon]) is { } address
            ? new IPEndPoint(address, Port(text, text[(colon + 1)..]))
            : throw new FormatException($"'{text}' is not the address of a DNS server; write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53.");
    }

    /// <summary><c>HOST:PORT</c>, or null where the text is something else.</summary>
    public static Endpoint? TryParseEndpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Contains('/', StringComparison.Ordinal) ||
            !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return null;
        }
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return null;
        return new Endpoint(host, port);
    }

    /// <summary><c>HOST:PORT</c>.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong and what is allowed.</exception>
    public static Endpoint ParseEndpoint(string text)
    {
        // What stands before an @ may be a secret.
        if (text.LastIndexOf('@') is var at and >= 0)
            throw new FormatException($"HOST:PORT has no user; write {text[(at + 1)..]}.");
        if (TryParseEndpoint(text) is { } endpoint)
            return endpoint;
        if (text.Contains('/', StringComparison.Ordinal))
            throw new FormatException($"'{text}' has a path or a scheme; {Form}.");
        var colon = text.LastIndexOf(':');
        if (text.EndsWith(']') || colon < 0)
            throw new FormatException($"'{text}' has no port; {Form}.");
        if (colon == 0)
            throw new FormatException($"'{text}' has no host; {Form}.");
        if (text.AsSpan(0, colon).Contains(':') && !text.StartsWith('['))
            throw new FormatException($"'{text}' could be read in two ways; an IPv6 address with a port stands in brackets, as [2001:db8::1]:443.");
        Port(text, text[(colon + 1)..]);
        throw new FormatException($"'{text}' is not HOST:PORT; {Form}.");
    }

    /// <summary><c>ADDR:PORT</c> to listen at; port 0 is any free one.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong and what is allowed.</exception>
    public static IPEndPoint ParseListening(string text)
    {
        const string Form = "write 127.0.0.1:8080 or [::1]:8080; port 0 is any free one";
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
            throw new FormatException($"'{text}' has no port; {Form}.");
        var host = text[..colon] is "localhost" ? "127.0.0.1" : text[..colon];
        if (Address(host) is not { } address)
            throw new FormatException($"'{text}': '{text[..colon]}' is not an address of this machine to listen at; {Form}.");
        if (host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('['))
            throw new FormatException($"'{text}' could be read in two ways; an IPv6 address with a port stands in brackets, as [::1]:8080.");
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? new IPEndPoint(address, port)
            : throw new FormatException($"'{text}': '{text[(colon + 1)..]}' is not a port from 0 to 65535.");
    }

    private static int Port(string whole, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535)
            return port;
        throw new FormatException($"'{whole}': '{text}' is not a port from 1 to 65535.");
    }

    private static IPAddress? Address(string text)
    {
        if (text.StartsWith('[') && text.EndsWith(']'))
            text = text[1..^1];
        // IPAddress would drop a port behind brackets.
        if (text.AsSpan().ContainsAny('[', ']'))
            return null;
        // "1" and "0x7f.1" are addresses to IPAddress, but not to people.
        var isPlain = text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3;
        return isPlain && IPAddress.TryParse(text, out var address) ? address : null;
    }
}
