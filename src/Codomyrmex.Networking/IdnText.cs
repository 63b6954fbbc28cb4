using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>International host names in ASCII (RFC 5891).</summary>
internal static class IdnText
{
    private const int LongestLabel = 63;
    private const int MathematicalAlphanumericSymbols = 0x1D400, LastOfThem = 0x1D7FF;

    private static readonly IdnMapping Mapping = new();

    /// <summary>The name in ASCII, or null and the reason, in words that end the sentence "it …".</summary>
    public static string? ToAscii(ReadOnlySpan<char> host, out string problem)
    {
        problem = "";
        var folded = new StringBuilder(host.Length);
        foreach (var rune in host.EnumerateRunes())
        {
            var plain = Fold(rune);
            if (!plain.IsAscii && IsRefused(plain))
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"contains U+{rune.Value:X4}");
                return null;
            }
            folded.Append(plain);
        }
        var labels = folded.ToString().Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (Ascii.IsValid(labels[i]))
                continue;
            if (MapLabel(labels[i]) is not { } label)
            {
                problem = "is not a valid international name (RFC 5891)";
                return null;
            }
            labels[i] = label;
        }
        return string.Join('.', labels);
    }

    /// <summary>A character for a message: itself where it prints, its code point otherwise.</summary>
    public static string Show(char c) =>
        c is > ' ' and < (char)0x7F ? $"'{c}'" : string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}");

    private static string? MapLabel(string label)
    {
        // A longer one cannot fit, and the mapping is not linear.
        if (label.Length > LongestLabel)
            return null;
        try
        {
            // With ICU data the platform maps by compatibility too (U+2460 to "1", U+FB01 to "fi"): a host is then none that was written.
            var ascii = Mapping.GetAscii(label);
            return Mapping.GetUnicode(ascii) == label ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Lower case, full-width forms to ASCII and the ideographic full stops to dots, as in UTS 46. The platform's mapping does so only
    /// with ICU data, and whether a host is an address must not depend on how the program was published.
    /// </summary>
    private static Rune Fold(Rune rune) => rune.Value switch
    {
        0x3002 or 0xFF0E or 0xFF61 => new Rune('.'),
        >= 0xFF01 and <= 0xFF5E => Rune.ToLowerInvariant(new Rune(rune.Value - 0xFEE0)),
        _ => Rune.ToLowerInvariant(rune),
    };

    /// <summary>
    /// What UTS 46 drops silently, so that two hosts which look and compare different would be one; and the signs that pass for a slash,
    /// a dot or a digit. None is in a name that RFC 5892 permits.
    /// </summary>
    private static bool IsRefused(Rune rune) =>
        rune == Rune.ReplacementChar || rune.Value is >= MathematicalAlphanumericSymbols and <= LastOfThem ||
        Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or
            UnicodeCategory.MathSymbol or UnicodeCategory.OtherNumber;
}
