using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// Makes a file name of a name that a peer suggests: one that stays in its folder, on every system, and is what it looks like. Names that
/// differ may become the same.
/// </summary>
internal static class SafeName
{
    /// <summary>The name where a peer's is of no use.</summary>
    public const string Fallback = "download";

    // Systems allow 255 bytes; what is added to the name of an unfinished file must fit too.
    private const int LongestBytes = 200;
    private const int LongestExtension = 20;

    private static readonly string[] Devices = ["con", "prn", "aux", "nul", "conin$", "conout$"];

    public static string Of(string? suggested)
    {
        var name = (suggested ?? "").AsSpan();
        name = name[(name.LastIndexOfAny('/', '\\') + 1)..];
        // Drives ("C:x") and alternate streams ("x:y") end here too.
        var text = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
            text.Append(IsHarmless(rune) ? rune.ToString() : "_");
        // A leading dot hides a file, a leading hyphen makes it an option; Windows drops dots and spaces at the end.
        var clean = Shortened(text.ToString());
        if (clean.Length == 0)
            return Fallback;
        if (clean[0] is '-' or '~')
            clean = "_" + clean[1..];
        // Nothing that comes from a peer may pass for the journal or the unfinished file of another transfer.
        if (clean.EndsWith(TargetFile.JournalSuffix, StringComparison.OrdinalIgnoreCase) || clean.EndsWith(TargetFile.PartSuffix, StringComparison.OrdinalIgnoreCase))
            clean += "_";
        return IsDevice(clean) ? "_" + clean : clean;
    }

    private static bool IsHarmless(Rune rune) => rune.Value is not ('<' or '>' or ':' or '"' or '|' or '?' or '*' or 0xFFFD) && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool IsDevice(string name)
    {
        var stem = name.Split('.')[0].TrimEnd(' ').ToLowerInvariant();
        return Array.IndexOf(Devices, stem) >= 0 ||
            (stem.Length == 4 && (stem.StartsWith("com", StringComparison.Ordinal) || stem.StartsWith("lpt", StringComparison.Ordinal)) && stem[3] is (>= '0' and <= '9') or '¹' or '²' or '³');
    }

    /// <summary>The name without dots and spaces of any kind around it, cut to a length, its extension kept.</summary>
    private static string Shortened(string name)
    {
        name = TrimmedEnd(name);
        var start = 0;
        while (start < name.Length && IsMargin(name[start]))
            start++;
        name = name[start..];
        if (Encoding.UTF8.GetByteCount(name) <= LongestBytes)
            return name;
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= LongestExtension ? name[dot..] : "";
        var room = LongestBytes - Encoding.UTF8.GetByteCount(extension);
        var text = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
                break;
            text.Append(rune.ToString());
        }
        return TrimmedEnd(text.ToString()) + extension;
    }

    private static string TrimmedEnd(string name)
    {
        var end = name.Length;
        while (end > 0 && IsMargin(name[end - 1]))
            end--;
        return name[..end];
    }

    private static bool IsMargin(char c) => c == '.' || char.IsWhiteSpace(c);
}
