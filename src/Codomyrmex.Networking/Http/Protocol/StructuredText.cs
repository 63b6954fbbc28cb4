namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>Writes values of structured fields (RFC 9651, section 4.1).</summary>
internal static class StructuredText
{
    /// <summary>A string: printable ASCII in quotes.</summary>
    /// <exception cref="ArgumentException">It has another character.</exception>
    public static string String(string text, string parameter)
    {
        if (text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException("A string of a structured field is printable ASCII (RFC 9651, section 3.3.3).", parameter);
        return $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Bytes.</summary>
    public static string Bytes(ReadOnlySpan<byte> bytes) => $":{Convert.ToBase64String(bytes)}:";

    /// <summary>Whether text can be a key of a dictionary (section 3.1.2).</summary>
    public static bool IsKey(string text) => text.Length > 0 && (char.IsAsciiLetterLower(text[0]) || text[0] == '*') &&
        text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.' or '*');
}
