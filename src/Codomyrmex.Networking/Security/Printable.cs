namespace Codomyrmex.Networking.Security;

/// <summary>
/// Text for messages. Rules and hosts come from files, peers and models: their control characters must not reach a terminal or a log.
/// </summary>
internal static class Printable
{
    private const int Longest = 200;

    /// <summary>The text with control characters replaced, and shortened.</summary>
    public static string Text(ReadOnlySpan<char> text)
    {
        var shown = text.Length > Longest ? text[..Longest] : text;
        var clean = string.Create(shown.Length, shown, static (output, input) =>
        {
            for (var i = 0; i < input.Length; i++)
            {
                var isUnsafe = char.IsControl(input[i]) || char.IsSurrogate(input[i]) || input[i] is '\u2028' or '\u2029';
                output[i] = isUnsafe ? '\uFFFD' : input[i];
            }
        });
        return text.Length > Longest ? clean + "…" : clean;
    }
}
