using System.Text.RegularExpressions;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Tests.Unit.Repository;

namespace Codomyrmex.Networking.Tests.Cli.Rendering;

/// <summary>What users of the command line read names options, not the properties that programs set.</summary>
public partial class HintTextTests
{
    /// <summary>The public names of the libraries that have a capital in the middle: no others can be told from words.</summary>
    private static readonly HashSet<string> Names =
        [.. RepositoryFiles.Under("api", ".txt").SelectMany(path => Name().Matches(RepositoryFiles.Read(path))).Select(match => match.Value)];

    private static readonly HashSet<string> Types =
        [.. RepositoryFiles.Under("api", ".txt").SelectMany(path => Type().Matches(RepositoryFiles.Read(path))).Select(match => match.Groups[1].Value)];

    public static TheoryData<string> Codes => [.. ErrorCodes.All.Select(info => info.Code)];

    [Theory, MemberData(nameof(Codes))]
    public void Hint_of_every_code_is_in_words_of_the_command_line(string code)
    {
        var hint = HintText.Of(new NetworkFailure { Code = code, Message = "x" }.ToException());
        Assert.NotNull(hint);
        Assert.Matches(@"^[A-Z].*\.$", hint);
        Assert.DoesNotContain(Word().Matches(hint), word => Names.Contains(word.Value));
    }

    [Fact]
    public void Nothing_that_the_libraries_say_names_a_property_once_it_is_translated()
    {
        Assert.Contains("RedirectOptions", Types);
        var left = new List<string>();
        foreach (var path in RepositoryFiles.Under("src", ".cs").Where(IsShown))
        {
            foreach (var line in RepositoryFiles.Read(path).Split('\n').Where(static line => !ForPrograms().IsMatch(line)))
            {
                foreach (var text in Literal().Matches(line).Where(static text => text.Value.Contains(' ', StringComparison.Ordinal)))
                {
                    var shown = PropertyNames.Replace(Hole().Replace(text.Value, "x"));
                    if (Pair().Matches(shown).Any(pair => Types.Contains(pair.Groups[1].Value)) || (IsHint().IsMatch(line) && Word().Matches(shown).Any(word => Names.Contains(word.Value))))
                        left.Add($"{path}: {text.Value}");
                }
            }
        }
        Assert.True(left.Count == 0, string.Join('\n', left));
    }

    [Theory]
    [InlineData("once more after 10 redirects (RedirectOptions.Limit).", "once more after 10 redirects (--max-redirects).")]
    [InlineData("more than 5 bytes (ResponseLimits.LineBytes).", "more than 5 bytes.")]
    [InlineData("in time (10 s, Timeouts.Connect) for a:1.", "in time (10 s, --connect-timeout) for a:1.")]
    [InlineData("Add the right root (TrustedRoots, --cacert); or not.", "Add the right root (--cacert); or not.")]
    [InlineData("would be taken too (SSHCredential.Password; CODONET_SSH_PASSWORD, --password-file).", "would be taken too (CODONET_SSH_PASSWORD, --password-file).")]
    [InlineData("it said '(Ubuntu; 1.2)' (RFC 6455) and ( (", "it said '(Ubuntu; 1.2)' (RFC 6455) and ( (")]
    [InlineData(" () (, )", " () (, )")]
    public void Property_in_brackets_becomes_its_option_or_nothing(string library, string commandLine) => Assert.Equal(commandLine, PropertyNames.Replace(library));

    // Of what no command uses, nothing is shown; tests and settings are for programs.
    private static bool IsShown(string path) => !path.Contains("Cli/", StringComparison.Ordinal) &&
        !path.StartsWith("src/Codomyrmex.Networking.Testing/", StringComparison.Ordinal) && !path.StartsWith("src/Codomyrmex.Networking.Extensions/", StringComparison.Ordinal);

    [GeneratedRegex(@"\b[A-Z]\w*[a-z][A-Z]\w*")]
    private static partial Regex Name();

    [GeneratedRegex(@"\b(?:class|struct|enum|interface) (\w+)")]
    private static partial Regex Type();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Literal();

    // One that holds a text of its own ends with the literal.
    [GeneratedRegex(@"\{[^{}]*(?:\}|$)")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\b([A-Z]\w+)\.[A-Z]\w+")]
    private static partial Regex Pair();

    [GeneratedRegex(@"\b[Hh]int\b.*[=:]")]
    private static partial Regex IsHint();

    // Comments, wrong arguments and wrong uses, reasons for trimming.
    [GeneratedRegex(@"^\s*//|Argument\w*Exception|InvalidOperationException|NotSupportedException|ObjectDisposed|Requires(UnreferencedCode|DynamicCode)|OutOfRange|Validate|CheckTime\(|RequestBody\.(Text|Stream|Bytes)\(")]
    private static partial Regex ForPrograms();
}
