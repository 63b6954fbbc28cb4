using System.Text.RegularExpressions;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Documents;

/// <summary>The relative links of a document.</summary>
internal static partial class MarkdownLinks
{
    /// <summary>The links of a document that lead nowhere: to no file, or to no heading of it.</summary>
    public static IEnumerable<string> Broken(string path) =>
        from Match match in Link().Matches(CodeBlock().Replace(RepositoryFiles.Read(path), ""))
        let target = match.Groups["target"].Value
        where !Absolute().IsMatch(target) && !Resolves(path, target)
        select $"{path}: {target}";

    private static bool Resolves(string from, string target)
    {
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? from : Path.Combine(Path.GetDirectoryName(from)!, Uri.UnescapeDataString(parts[0]));
        if (!RepositoryFiles.Exists(file))
            return false;
        return parts.Length == 1 || Headings(RepositoryFiles.Read(file)).Contains(parts[1]);
    }

    private static IEnumerable<string> Headings(string text) =>
        Heading().Matches(text).Select(match => Dropped().Replace(match.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(```.*?^```|`[^`\n]+`)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^([a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();
}
