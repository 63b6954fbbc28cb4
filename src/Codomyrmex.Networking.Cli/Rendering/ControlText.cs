using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>
/// Makes text from the network harmless on a terminal: control characters (C0, DEL, C1) could move the cursor or retitle the window,
/// direction overrides could show a text as another one.
/// </summary>
internal static class ControlText
{
    /// <summary>The text with such characters written as escapes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepLines">Whether line feeds, CR LF and tabs stay.</param>
    public static string Escape(ReadOnlySpan<char> text, bool keepLines = false)
    {
        var first = FirstHarmful(text, keepLines);
        if (first < 0)
            return text.ToString();
        var output = new StringBuilder(text.Length + 16);
        output.Append(text[..first]);
        for (var i = first; i < text.Length; i++)
        {
            if (keepLines && text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                continue;
            if (IsHarmful(text[i], keepLines))
                output.Append(text[i] < 0x100 ? "\\x" : "\\u").Append(((int)text[i]).ToString(text[i] < 0x100 ? "x2" : "x4", CultureInfo.InvariantCulture));
            else
                output.Append(text[i]);
        }
        return output.ToString();
    }

    public static bool IsHarmful(char c, bool keepLines) => c switch
    {
        '\n' or '\t' => !keepLines,
        < ' ' or (>= '\x7f' and <= '\x9f') => true,
        '\u061c' or '\u200e' or '\u200f' or '\u2028' or '\u2029' => true,
        (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') => true,
        _ => false,
    };

    private static int FirstHarmful(ReadOnlySpan<char> text, bool keepLines)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsHarmful(text[i], keepLines))
                return i;
        }
        return -1;
    }
}
