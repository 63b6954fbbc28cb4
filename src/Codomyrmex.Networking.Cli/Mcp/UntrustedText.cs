using System.Text;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// Makes text from the network harmless for whoever reads it: characters that nobody sees can hide orders to a model from the person who looks on, and controls can
/// move a terminal's cursor.
/// </summary>
internal static class UntrustedText
{
    /// <summary>The text without such characters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="removed">How many there were.</param>
    public static string Clean(string text, ref long removed)
    {
        var first = 0;
        while (first < text.Length && IsPlain(text[first]))
            first++;
        if (first == text.Length)
            return text;
        var output = new StringBuilder(text.Length).Append(text, 0, first);
        foreach (var rune in text.AsSpan(first).EnumerateRunes())
        {
            if (IsHidden(rune.Value))
                removed++;
            else
                output.Append(rune.ToString());
        }
        return output.ToString();
    }

    private static bool IsPlain(char c) => c is (>= ' ' and <= '~') or '\n' or '\t' or (>= '\u00ae' and <= '\u02ff');

    /// <summary>Controls but line feed and tab, orders of direction, what has no width, tags (Unicode 16, section 23.9) and the further variation selectors.</summary>
    private static bool IsHidden(int rune) => rune switch
    {
        '\n' or '\t' => false,
        < ' ' or (>= 0x7f and <= 0x9f) or 0xad => true,
        // The joiners stay: Persian, Hindi and emoji need them.
        0x034f or 0x061c or 0x115f or 0x1160 or 0x17b4 or 0x17b5 or 0x180e or 0x200b or 0x200e or 0x200f or 0x3164 or 0xfeff or 0xffa0 => true,
        (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f) or (>= 0xfff0 and <= 0xfffb) => true,
        (>= 0xfe00 and <= 0xfe0d) or (>= 0x1bca0 and <= 0x1bca3) or (>= 0x1d173 and <= 0x1d17a) or (>= 0xe0000 and <= 0xe0fff) => true,
        _ => false,
    };
}
