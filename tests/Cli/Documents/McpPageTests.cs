using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Tests.Unit.Repository;

namespace Codomyrmex.Networking.Tests.Cli.Documents;

/// <summary><c>docs/mcp.md</c> says what is so.</summary>
public sealed partial class McpPageTests
{
    private static readonly string Page = RepositoryFiles.Read("docs/mcp.md");

    public static TheoryData<string> Lines => [.. CommandLine().Matches(Page).Select(static match => match.Groups["arguments"].Value)];

    [Theory, MemberData(nameof(Lines))]
    public void Every_command_line_of_the_page_is_one(string arguments) =>
        Assert.Empty(ArgumentParser.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), McpCommand.Make().Groups).Positionals);

    [Fact]
    public async Task The_exchange_of_the_page_is_the_one_that_happens()
    {
        var (request, expected) = (Exchange().Match(Page).Groups["request"].Value, JsonNode.Parse(Exchange().Match(Page).Groups["answer"].Value)!.AsObject());
        var run = await new CliRun { Input = Encoding.UTF8.GetBytes(request + "\n") }.StartAsync("mcp");
        var answer = JsonElement.Parse(run.Out).GetProperty("result").GetProperty("structuredContent");
        foreach (var (name, value) in expected)
            Assert.True(JsonNode.DeepEquals(value, JsonNode.Parse(answer.GetProperty(name).GetRawText())), $"{name}: {answer}");
    }

    [Fact]
    public void Every_member_of_an_answer_is_explained()
    {
        foreach (var name in (string[])["code", "message", "hint", "transient", "wasSent", "retryAt", "untrusted", "removedCharacters", "content", "budget"])
            Assert.Contains($"`{name}`", Page);
    }

    [GeneratedRegex(@"^\$ codonet mcp(?<arguments>.*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"```json\n(?<request>\{""jsonrpc""[^\n]*)\n```\n\n```json\n(?<answer>[^\n]*)\n```")]
    private static partial Regex Exchange();
}
