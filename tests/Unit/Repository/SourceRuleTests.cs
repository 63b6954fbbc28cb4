using System.Text.RegularExpressions;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The code rules that a machine can check.</summary>
public partial class SourceRuleTests
{
    // Written in pieces, so that this file keeps its own rules.
    private const string Region = "#" + "region";
    private static readonly string[] Unfinished = ["TO" + "DO", "FIX" + "ME"];
    private static readonly Regex Sleep = new(@"\bThread\." + @"Sleep\b|\bTask\." + @"Delay\((?!Timeout\.Infinite)");
    // Ada is the user of made-up machines in tests.
    private static readonly Regex MachinePath = new("(?<![A-Za-z0-9_.*>])/(ho" + "me(?!/ada)|wo" + "rk|ro" + "ot)/");
    private static readonly string[] EmptyNames = ["Util", "Utils", "Utility", "Utilities", "Common", "Helper", "Helpers", "Manager", "Misc"];

    private static IEnumerable<string> Sources => RepositoryFiles.Under("src", ".cs");

    // A server of another's says nothing when it is ready: asking again after a moment is the only way to know.
    private const string ReadinessPoll = "tests/Integration/Fixtures/ServerProcess.cs";

    private static IEnumerable<string> Code => new[] { "src", "tests", "samples", "bench" }.SelectMany(folder => RepositoryFiles.Under(folder, ".cs"));

    [Fact]
    public void No_source_file_is_longer_than_500_lines() => Breaches.AreNone(Sources.Where(path => Lines(path).Length > 501));

    [Fact]
    public void No_sample_is_longer_than_60_lines() => Breaches.AreNone(RepositoryFiles.Under("samples", ".cs").Where(path => Lines(path).Length > 61));

    [Fact]
    public void No_file_folds_code_into_regions() => Breaches.AreNone(Find(Code, line => line.Contains(Region)));

    [Fact]
    public void No_source_file_is_unfinished() => Breaches.AreNone(Find(Sources, line => Unfinished.Any(line.Contains)));

    [Fact]
    public void No_file_or_folder_has_a_name_that_says_nothing() =>
        Breaches.AreNone(Code.Where(path => path.Split('/', '.').SelectMany(part => Word().Matches(part)).Any(word => EmptyNames.Contains(word.Value))));

    [Fact]
    public void No_test_sleeps() => Breaches.AreNone(Find(RepositoryFiles.Under("tests", ".cs").Where(path => path != ReadinessPoll), Sleep.IsMatch));

    [Fact]
    public void No_file_names_a_folder_of_one_machine() =>
        Breaches.AreNone(Find(RepositoryFiles.Under("").Where(path => !Binary().IsMatch(path)), MachinePath.IsMatch));

    [Fact]
    public void Pointers_stay_in_the_files_that_call_Linux() =>
        Breaches.AreNone(Find(Sources.Where(path => path.StartsWith("src/Codomyrmex.Networking/", StringComparison.Ordinal) && !path.Contains("/Transport/Linux/", StringComparison.Ordinal)), line => Unsafe().IsMatch(line)));

    [Fact]
    public void A_file_holds_one_public_type_and_has_its_name()
    {
        var wrong = from path in Sources
                    let types = PublicType().Matches(RepositoryFiles.Read(path)).Select(match => match.Groups["name"].Value).Distinct().ToList()
                    where types.Count > 1 || (types.Count == 1 && Path.GetFileName(path).Split('.')[0] != types[0])
                    select $"{path}: {string.Join(", ", types)}";
        Breaches.AreNone(wrong);
    }

    [Fact]
    public void A_file_lies_in_the_folder_of_its_namespace()
    {
        var wrong = from path in Sources
                    let space = Namespace().Match(RepositoryFiles.Read(path)).Groups["name"].Value
                    let project = path.Split('/')[1]
                    let folders = Path.GetDirectoryName(path)!.Split('/').Skip(2)
                    where space.Length > 0 && space != string.Join('.', folders.Prepend(project))
                    select $"{path}: {space}";
        Breaches.AreNone(wrong);
    }

    [Theory]
    [InlineData("x = Thread.", "Sleep(1);", true)]
    [InlineData("await Task.", "Delay(10, ct);", true)]
    [InlineData("await Task.", "Delay(Timeout.InfiniteTimeSpan, ct);", false)]
    public void Sleeping_is_recognised(string start, string end, bool sleeps) => Assert.Equal(sleeps, Sleep.IsMatch(start + end));

    [Theory]
    [InlineData("see /ho", "me/someone/x", true)]
    [InlineData("https://example.com/ho", "me/x", false)]
    public void A_folder_of_one_machine_is_recognised(string start, string end, bool found) => Assert.Equal(found, MachinePath.IsMatch(start + end));

    private static string[] Lines(string path) => RepositoryFiles.Read(path).Split('\n');

    private static IEnumerable<string> Find(IEnumerable<string> paths, Func<string, bool> isWrong) =>
        from path in paths
        from line in Lines(path).Index()
        where isWrong(line.Item)
        select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"^public [a-z ]*?(class|struct|record|interface|enum|delegate [\w<>\[\]?.]+) (struct |class )?(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^[^/]*\bunsafe\b")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(\.(pfx|p12|der|bin|png|gz|zst|br|snk)|(^|/)seeds/.*)$")]
    private static partial Regex Binary();
}
