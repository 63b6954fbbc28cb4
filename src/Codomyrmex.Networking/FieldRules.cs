using System.Buffers;

namespace Codomyrmex.Networking;

/// <summary>What a field name and value may contain (RFC 9110, sections 5.1 and 5.5).</summary>
internal static class FieldRules
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Fields that frame the message belong to the engine: two opinions about them are how requests are smuggled.
    private static readonly string[] Framing =
        ["Transfer-Encoding", "Content-Length", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Proxy-Connection"];

    public static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAnyExcept(TokenChars) < 0;

    public static void CheckMethod(string method)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (!IsToken(method))
            throw new ArgumentException("The method is not a token (RFC 9110, section 9.1).", nameof(method));
        if (method == "CONNECT")
            throw new ArgumentException("CONNECT asks a proxy for a tunnel; set TransportOptions.Proxy instead.", nameof(method));
    }

    /// <summary>Whether a field frames the message or belongs to one connection (RFC 9110, section 7.6.1).</summary>
    public static bool IsFraming(string name) => Array.Exists(Framing, framing => name.Equals(framing, StringComparison.OrdinalIgnoreCase));

    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsToken(name))
            throw new ArgumentException("The field name is empty or has a character that is not allowed (RFC 9110, section 5.1).", nameof(name));
        if (IsFraming(name))
            throw new ArgumentException($"{name} frames the message and is set by the library.", nameof(name));
        // It is for the proxy, and would reach the origin wherever there is none.
        if (name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException("A proxy's credentials belong in ProxyOptions.", nameof(name));
    }

    public static void CheckValue(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (var c in value)
        {
            if (IsValueChar(c))
                continue;
            throw new ArgumentException($"The value of {name} has a character that is not allowed (U+{(int)c:X4}; RFC 9110, section 5.5).", nameof(value));
        }
    }

    public static bool IsValue(string value) => value.All(IsValueChar);

    // Beyond Latin-1 a character would be cut to another one on the wire; below space only the tab is text.
    private static bool IsValueChar(char c) => c is '\t' or (>= ' ' and not '\x7f' and <= '\xff');
}
