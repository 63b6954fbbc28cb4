namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Text with <c>*</c> for any run of characters. Linear in the text for each asterisk: the leftmost fit is taken.</summary>
internal static class MockPattern
{
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
            return pattern.Equals(text, StringComparison.Ordinal);
        if (!text.StartsWith(pattern[..star], StringComparison.Ordinal))
            return false;
        pattern = pattern[(star + 1)..];
        text = text[star..];
        while (pattern.IndexOf('*') is >= 0 and var next)
        {
            var at = text.IndexOf(pattern[..next], StringComparison.Ordinal);
            if (at < 0)
                return false;
            pattern = pattern[(next + 1)..];
            text = text[(at + next)..];
        }
        return text.EndsWith(pattern, StringComparison.Ordinal);
    }
}
