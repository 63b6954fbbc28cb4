using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Security;

/// <summary>International host names in ASCII (RFC 5891).</summary>
internal static class IdnText
{
    private static readonly IdnMapping Mapping = new();

    /// <summary>The name in ASCII, or null and the reason, in words that end the sentence "it …".</summary>
    public static string? ToAscii(string host, out string problem)
    {
        problem = "";
        var folded = new StringBuilder(host.Length);
        foreach (var rune in host.EnumerateRunes())
        {
            if (rune.Value == Rune.ReplacementChar.Value || IsInvisible(rune))
            {
                problem = "contains " + Show(rune);
                return null;
            }
            folded.Append(Fold(rune));
        }
        try
        {
            return Mapping.GetAscii(folded.ToString());
        }
        catch (ArgumentException)
        {
            problem = "is not a valid international name (RFC 5891)";
            return null;
        }
    }

    /// <summary>A character for a message: itself where it prints, its code point otherwise.</summary>
    public static string Show(char c) =>
        c is > ' ' and < (char)0x7F ? $"'{c}'" : string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}");

    private static string Show(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");

    /// <summary>
    /// Lower case, full-width forms to ASCII and the ideographic full stops to dots, as in UTS 46. The platform's mapping does so only
    /// with ICU data, and the answer must not depend on how the program was published.
    /// </summary>
    private static string Fold(Rune rune) => rune.Value switch
    {
        0x3002 or 0xFF0E or 0xFF61 => ".",
        >= 0xFF01 and <= 0xFF5E => char.ToLowerInvariant((char)(rune.Value - 0xFEE0)).ToString(),
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    // UTS 46 drops some of these silently, so two hosts which look and compare different would be one.
    private static bool IsInvisible(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}
