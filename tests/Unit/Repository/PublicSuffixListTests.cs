using System.Globalization;
using System.Text.RegularExpressions;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The public suffixes in the library are those of the list in <c>data/</c>. <c>./dev psl</c> remakes them.</summary>
public partial class PublicSuffixListTests
{
    private const string Binary = "src/Codomyrmex.Networking/Http/PublicSuffixes.bin";

    private static byte[] Made => field ??= PublicSuffixWriter.Write(RepositoryFiles.Read("data/public_suffix_list.dat").Split('\n'), Date);

    internal static DateOnly Date => DateOnly.Parse(DateCell().Match(RepositoryFiles.Read("data/README.md")).Groups["date"].Value, CultureInfo.InvariantCulture);

    [Fact]
    public void The_binary_form_is_made_from_the_list()
    {
        var path = Path.Combine(RepositoryFiles.Root, Binary);
        if (Snapshot.IsAccepting("psl"))
            File.WriteAllBytes(path, Made);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(Made), $"{Binary} is out of date. If the change is meant, run ./dev psl and commit it.");
    }

    [Fact]
    public void Every_rule_of_the_list_is_found()
    {
        var trie = new PublicSuffixTrie(Made);
        var count = 0;
        foreach (var line in RepositoryFiles.Read("data/public_suffix_list.dat").Split('\n').Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)))
        {
            var rule = string.Join('.', line.Split('.').Select(label => System.Text.Ascii.IsValid(label) ? label : new IdnMapping().GetAscii(label)));
            var (name, suffix) = rule switch
            {
                ['!', .. var exception] => (exception, exception[(exception.IndexOf('.', StringComparison.Ordinal) + 1)..]),
                ['*', .. var wildcard] => ("any" + wildcard, "any" + wildcard),
                _ => (rule, rule),
            };
            Assert.Equal(suffix, name[trie.SuffixStart(name)..]);
            count++;
        }
        Assert.True(count > 10_000);
    }

    [GeneratedRegex(@"\| (?<date>\d{4}-\d{2}-\d{2}) \|")]
    private static partial Regex DateCell();
}
