using System.Text.RegularExpressions;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Tests.Unit.Repository;

namespace Codomyrmex.Networking.Tests.Cli.Documents;

/// <summary>The page of the command line says what the tables say. <c>./dev docs</c> rewrites it.</summary>
public partial class CommandLinePageTests
{
    public static TheoryData<string> Names => [.. CommandTable.Names];

    [Fact]
    public void The_page_is_made_from_the_tables() => Snapshot.Verify("docs", "docs/cli.md", CommandLinePage.Render());

    [Theory, MemberData(nameof(Names))]
    public void An_options_names_are_its_own(string name)
    {
        var options = CommandTable.Find(name)!.Groups.SelectMany(group => group.Options).ToList();
        Assert.Equal(options.Count, options.Distinct().Count());
        var names = options.SelectMany(option => new[] { option.Name, option.Short }).OfType<string>().ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, one => Assert.Matches(OptionName(), one));
    }

    [Theory, MemberData(nameof(Names))]
    public void Texts_are_short_and_examples_are_of_the_command(string name)
    {
        var command = CommandTable.Find(name)!;
        Assert.Equal(name, command.Name);
        Assert.NotEmpty(command.Examples);
        Assert.All(command.Examples, example => Assert.StartsWith(name, example));
        Assert.All(command.Groups.SelectMany(group => group.Options), option => Assert.InRange(option.Help.Length, 5, 110));
    }

    [GeneratedRegex("^(-[a-zA-Z0-9]|--[a-z][a-z0-9.-]+)$")]
    private static partial Regex OptionName();
}
