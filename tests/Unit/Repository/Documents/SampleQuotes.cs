using System.Text.RegularExpressions;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Documents;

/// <summary>
/// Code blocks that quote a sample. In a document, <c>&lt;!-- sample: samples/Errors.cs --&gt;</c> stands on the line above the block and quotes
/// the whole file; with <c>#name</c> behind the path, the lines between <c>// sample: name</c> and <c>// end</c>.
/// </summary>
internal static partial class SampleQuotes
{
    /// <summary>The document with every quotation replaced by what its source says now.</summary>
    /// <exception cref="FormatException">A quotation has no code block, no file or no such part.</exception>
    public static string Refresh(string document, Func<string, string> read)
    {
        if (Marker().Count(document) != Quote().Count(document))
            throw new FormatException("A sample's marker is not followed by a csharp block.");
        return Quote().Replace(document, match =>
        {
            var code = Source(read(match.Groups["path"].Value), match.Groups["part"].Value);
            return $"{match.Groups["marker"].Value}\n```csharp\n{code}\n```";
        });
    }

    /// <summary>The csharp blocks of a document that quote nothing.</summary>
    public static int Unquoted(string document) => Block().Count(document) - Quote().Count(document);

    private static string Source(string file, string part)
    {
        var lines = file.Split('\n').ToList();
        if (part.Length > 0)
        {
            var start = lines.FindIndex(line => line.Trim() == "// sample: " + part);
            var end = start < 0 ? -1 : lines.FindIndex(start, line => line.Trim() == "// end");
            if (end < 0)
                throw new FormatException($"The sample has no part '{part}'.");
            lines = lines[(start + 1)..end];
        }
        lines.RemoveAll(line => line.Trim() == "// end" || line.TrimStart().StartsWith("// sample: ", StringComparison.Ordinal));
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..])).Trim('\n');
    }

    [GeneratedRegex(@"^<!-- sample: ", RegexOptions.Multiline)]
    private static partial Regex Marker();

    [GeneratedRegex(@"^(?<marker><!-- sample: (?<path>[^\s#]+)(#(?<part>\w+))? -->)\n```csharp\n(.*?\n)??```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Quote();

    [GeneratedRegex(@"^```(csharp|cs|c#)$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Block();
}
