using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// The one form in which a host name is compared, remembered and asked for: ASCII (RFC 5891), lower case, without the root's dot.
/// What the policy sees is then what the resolver is asked.
/// </summary>
internal static class HostName
{
    // RFC 1035, section 2.3.4: 255 octets on the wire leave 253 characters of text.
    private const int MaxLength = 253;
    private const int MaxLabel = 63;

    // The forbidden domain code points of the WHATWG URL standard: none of them is in a host name, each confuses some parser.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017" +
        "\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f #%/:<>?@[\\]^|\u007f");

    private static readonly IdnMapping Idn = new();

    /// <summary>Normalises a host name.</summary>
    /// <param name="host">The name as the caller wrote it.</param>
    /// <param name="name">The normal form.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence.</param>
    internal static bool TryNormalize(string host, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? problem)
    {
        name = host;
        problem = null;
        if (!Ascii.IsValid(host))
        {
            if (!TryToAscii(host, out name))
                problem = "is no valid internationalised name";
        }
        if (problem is null)
        {
            name = name!.ToLowerInvariant();
            if (name.EndsWith('.'))
                name = name[..^1];
            problem = Problem(name);
        }
        if (problem is not null)
            name = null;
        return problem is null;
    }

    /// <summary>A name fit for a message: at most 253 characters, none that could steer a terminal or break a log line.</summary>
    internal static string ForMessage(string host)
    {
        if (host.Length <= MaxLength && !host.Any(char.IsControl))
            return host;
        var text = host.Length > MaxLength ? host[..MaxLength] + "…" : host;
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '\ufffd' : source[i];
        });
    }

    /// <summary>Turns an internationalised name into its ASCII form (RFC 5891); each label becomes lower case.</summary>
    internal static bool TryToAscii(string host, [NotNullWhen(true)] out string? name)
    {
        name = null;
        // Longer input cannot become a valid name, and the mapping is not linear. Half of a surrogate pair is no character.
        if (host.Length > MaxLength || host.EnumerateRunes().Contains(Rune.ReplacementChar))
            return false;
        try
        {
            name = Idn.GetAscii(host.ToLowerInvariant());
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string? Problem(string name)
    {
        if (name.Length == 0)
            return "is empty";
        if (name.Length > MaxLength)
            return "is longer than 253 characters";
        if (name.AsSpan().ContainsAny(Forbidden))
            return "holds a character that no host name may have";
        foreach (var range in name.AsSpan().Split('.'))
        {
            var length = name.AsSpan()[range].Length;
            if (length == 0)
                return "has an empty label";
            if (length > MaxLabel)
                return "has a label longer than 63 characters";
        }
        return IPLiteral.LooksLikeOne(name) ? "is an IP address in an unusual spelling" : null;
    }
}
