using System.Text.RegularExpressions;
using Codomyrmex.Networking.Tests.Unit.Repository.Documents;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The documents say what the code says. <c>./dev docs</c> rewrites what is made from code.</summary>
public partial class DocumentationTests
{
    private static readonly string[] Expected = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

    public static TheoryData<string> Documents => [.. RepositoryFiles.Under("", ".md").Order(StringComparer.Ordinal)];

    [Fact]
    public void The_page_of_errors_is_made_from_the_catalogue() => Snapshot.Verify("docs", "docs/errors.md", ErrorPage.Render());

    [Fact]
    public void The_page_of_telemetry_is_made_from_the_instruments_and_events() => Snapshot.Verify("docs", "docs/telemetry.md", TelemetryPage.Render());

    [Fact]
    public void Every_event_has_an_id_of_its_own() =>
        Assert.Equal(TelemetryPage.Events.Count, TelemetryPage.Events.Select(log => log.EventId).Distinct().Count());

    [Fact]
    public void Every_expected_document_is_there() => Assert.All(Expected, path => Assert.True(RepositoryFiles.Exists(path), path));

    [Theory, MemberData(nameof(Documents))]
    public void Quoted_samples_equal_their_source(string document)
    {
        var text = RepositoryFiles.Read(document);
        Snapshot.Verify("docs", document, SampleQuotes.Refresh(text, RepositoryFiles.Read));
    }

    [Theory, MemberData(nameof(Documents))]
    public void Relative_links_lead_somewhere(string document) => Breaches.AreNone(MarkdownLinks.Broken(document));

    [Fact]
    public void Every_csharp_block_of_the_readme_is_a_sample() => Assert.Equal(0, SampleQuotes.Unquoted(RepositoryFiles.Read("README.md")));

    [Fact]
    public void Every_type_that_the_readme_names_exists_or_is_planned()
    {
        var ours = Libraries.Names.SelectMany(name => Libraries.Load(name).GetExportedTypes()).ToList();
        var known = ours.Select(type => type.Name.Split('`')[0])
            .Concat(ours.SelectMany(type => type.GetMembers()).Select(member => member.Name))
            .Concat(typeof(object).Assembly.GetExportedTypes().Select(type => type.Name.Split('`')[0]))
            .ToHashSet(StringComparer.Ordinal);
        var unknown = from line in RepositoryFiles.Read("README.md").Split('\n')
                      where !line.Contains("planned", StringComparison.OrdinalIgnoreCase)
                      from Match match in TypeName().Matches(line)
                      from name in match.Groups["name"].Value.Split('.')
                      where !known.Contains(name)
                      select $"{name} in: {line}";
        Breaches.AreNone(unknown);
    }

    [Fact]
    public void A_quotation_is_rewritten_from_its_source()
    {
        const string Source = "class A\n{\n    // sample: x\n    One();\n\n    Two();\n    // end\n}\n";
        const string Document = "before\n<!-- sample: a.cs#x -->\n```csharp\nOld();\n```\nafter <!-- not a marker -->\n";
        Assert.Equal(Document.Replace("Old();", "One();\n\nTwo();", StringComparison.Ordinal), SampleQuotes.Refresh(Document, _ => Source));
        Assert.Equal("<!-- sample: a.cs -->\n```csharp\nclass A\n{\n    One();\n\n    Two();\n}\n```",
            SampleQuotes.Refresh("<!-- sample: a.cs -->\n```csharp\n```", _ => Source));
        Assert.Throws<FormatException>(() => SampleQuotes.Refresh(Document, _ => "class A;"));
        Assert.Throws<FormatException>(() => SampleQuotes.Refresh("<!-- sample: a.cs -->\nno block\n", _ => Source));
    }

    [GeneratedRegex(@"`(?<name>[A-Z][a-zA-Z0-9]+(\.[A-Z][a-zA-Z0-9]+)*)`")]
    private static partial Regex TypeName();
}
