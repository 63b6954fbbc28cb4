using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>
/// Text for messages. URLs, rules, hosts and answers come from files, peers and models: nothing in them may steer a terminal, break a
/// line of a log or hide what follows.
/// </summary>
internal static class Printable
{
    /// <summary>The text with everything escaped that does not print, cut after <paramref name="max"/> characters.</summary>
    public static string Text(ReadOnlySpan<char> text, int max = 200) => Clean(text, max, keepsLines: false);

    /// <summary>The same for text of several lines: their ends and tabs stay.</summary>
    public static string Lines(ReadOnlySpan<char> text) => Clean(text, int.MaxValue, keepsLines: true);

    private static string Clean(ReadOnlySpan<char> text, int max, bool keepsLines)
    {
        var clean = new StringBuilder(Math.Min(text.Length, max));
        foreach (var c in text)
        {
            if (clean.Length >= max)
                return clean.Append('…').ToString();
            if (Prints(c) || (keepsLines && c is ('\n' or '\t')))
                clean.Append(c);
            else
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return clean.ToString();
    }

    // Format characters turn the direction of what follows; halves of surrogate pairs would need the other half.
    private static bool Prints(char c) => c is >= ' ' and <= '~' || char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
        UnicodeCategory.SpaceSeparator);
}
