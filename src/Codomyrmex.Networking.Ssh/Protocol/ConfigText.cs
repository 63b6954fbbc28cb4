using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Splits <c>ssh_config</c> into lines and words (ssh_config(5)).</summary>
internal static class ConfigText
{
    // OpenSSH's own limit is of lines; a file of configuration that has more is none.
    private const int MostLines = 100_000;

    /// <exception cref="FormatException">A quotation is not closed, or a keyword has no value.</exception>
    public static ConfigSource Parse(ReadOnlySpan<char> text, string file)
    {
        var directives = new List<ConfigDirective>();
        var number = 0;
        foreach (var range in text.TrimStart('\uFEFF').Split('\n'))
        {
            if (++number > MostLines)
                throw new FormatException($"{file}: more than {MostLines} lines.");
            var line = text.TrimStart('\uFEFF')[range].Trim(" \t\r\f");
            if (!line.IsEmpty && line[0] != '#')
                directives.Add(Read(line, $"{file}:{number}"));
        }
        return new ConfigSource(file, directives);
    }

    private static ConfigDirective Read(ReadOnlySpan<char> line, string place)
    {
        var end = line.IndexOfAny(" \t=");
        var keyword = (end < 0 ? line : line[..end]).ToString().ToLowerInvariant();
        var rest = end < 0 ? [] : line[end..].TrimStart(" \t");
        if (rest.StartsWith('='))
            rest = rest[1..].TrimStart(" \t");
        var words = Words(rest, place);
        return words.Count > 0
            ? new ConfigDirective(keyword, words, rest.ToString(), place)
            : throw new FormatException($"{place}: '{Printable.Text(keyword, 60)}' has no value.");
    }

    /// <summary>Words between blanks; quotes keep blanks, a backslash keeps a quote, a backslash or a blank, and <c>#</c> before a word ends the line.</summary>
    private static List<string> Words(ReadOnlySpan<char> text, string place)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\t')
            {
                at++;
                continue;
            }
            if (text[at] == '#')
                break;
            at = ReadWord(text, at, word.Clear(), place);
            words.Add(word.ToString());
        }
        return words;
    }

    private static int ReadWord(ReadOnlySpan<char> text, int at, StringBuilder word, string place)
    {
        var quote = '\0';
        for (; at < text.Length && (quote != '\0' || text[at] is not (' ' or '\t')); at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] == '\\' && (next is '\'' or '"' or '\\' || (quote == '\0' && next == ' ')))
                word.Append(text[++at]);
            else if (quote == '\0' && text[at] is '\'' or '"')
                quote = text[at];
            else if (quote != '\0' && text[at] == quote)
                quote = '\0';
            else
                word.Append(text[at]);
        }
        return quote == '\0' ? at : throw new FormatException($"{place}: a quotation is not closed.");
    }
}
