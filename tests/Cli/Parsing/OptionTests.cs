using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Cli.Parsing;

public class OptionTests
{
    [Fact]
    public void An_option_that_says_something_else_is_the_same_one()
    {
        var here = ConnectionOptions.Retry.Saying("attempts to connect");
        var parsed = ArgumentParser.Parse(["--retry", "3"], [new OptionGroup("", [here])]);
        Assert.Equal("3", parsed.Text(ConnectionOptions.Retry));
        Assert.Equal("attempts to connect", here.Help);
    }

    [Theory]
    [InlineData("crawl", "--policy", "public-only (default)")]
    [InlineData("mcp", "--policy", "public-only (default)")]
    [InlineData("get", "--policy", "unrestricted (default)")]
    [InlineData("ssh", "--retry", "attempts to connect")]
    [InlineData("ws", "--idle-timeout", "after a ping (default 20s)")]
    [InlineData("download", "--max-size", "a longer file")]
    public void Help_says_what_an_option_does_to_its_command(string command, string option, string help) =>
        Assert.Contains(help, CommandTable.Find(command)!.Groups.SelectMany(group => group.Options).Single(one => one.Name == option).Help);
}
