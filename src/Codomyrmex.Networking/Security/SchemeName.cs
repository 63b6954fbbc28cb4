using System.Buffers;

namespace Codomyrmex.Networking.Security;

/// <summary>URL schemes (RFC 3986, section 3.1).</summary>
internal static class SchemeName
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>The scheme in lower case; null where it is none.</summary>
    public static string? Canonical(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]) || text.ContainsAnyExcept(Characters))
            return null;
        return text.ToString().ToLowerInvariant();
    }
}
