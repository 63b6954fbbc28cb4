using System.Text.Json;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Fleet.Cli.Commands;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>The command line: its tables, and what it refuses before it connects.</summary>
public sealed class CommandTests
{
    public static TheoryData<string> Names => [.. FleetCommands.All.Names];

    [Theory, MemberData(nameof(Names))]
    public void Options_have_names_of_their_own_and_texts_are_short(string name)
    {
        var command = FleetCommands.All.Find(name)!;
        var options = command.Groups.SelectMany(static group => group.Options).ToList();
        var names = options.SelectMany(static option => new[] { option.Name, option.Short }).OfType<string>().ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal((name, "codonet-fleet"), (command.Name, command.Program));
        Assert.NotEmpty(command.Examples);
        Assert.All(command.Examples, example => Assert.StartsWith(name, example));
        Assert.All(options, static option => Assert.InRange(option.Help.Length, 5, 110));
    }

    [Theory]
    [InlineData("start --listen 192.0.2.1", "mutual TLS")]
    [InlineData("start --redis nonsense", "is not HOST:PORT")]
    [InlineData("start --redis 127.0.0.1:6379 --state x", "exclude each other")]
    [InlineData("start --postgres Host=127.0.0.1 --state x", "exclude each other")]
    [InlineData("status --postgres Host=127.0.0.1 --redis 127.0.0.1:6379", "exclude each other")]
    [InlineData("start --postgres Database=x", "needs Host=")]
    [InlineData("start --postgres Host=127.0.0.1;Password=x", "CODONET_POSTGRES_PASSWORD")]
    [InlineData("start --postgres Host=127.0.0.1;Colour=red", "colour")]
    [InlineData("call somebody greet {", "no JSON")]
    [InlineData("call somebody greet --stream --notify", "exclude each other")]
    [InlineData("start --cacert /dev/null", "belong together")]
    [InlineData("scan 127.0.0.1 --per-host 0", "--per-host")]
    [InlineData("scan 127.0.0.1 -p 99999", "99999")]
    [InlineData("status --gateway 192.0.2.1:30000", "mutual TLS")]
    [InlineData("pause", "needs ID")]
    [InlineData("forget", "needs ID, or --all")]
    [InlineData("forget 5f3a90c1 --all", "exclude each other")]
    [InlineData("stop", "There is no command 'stop'")]
    public async Task Wrong_argument_is_a_usage_error_that_names_it(string arguments, string says)
    {
        using var output = new MemoryStream();
        var context = new CommandContext { Out = output, Error = Stream.Null, OpenInput = static () => Stream.Null, Interrupted = TestContext.Current.CancellationToken };
        Assert.Equal(64, await Application.RunAsync([.. arguments.Split(' '), "--json"], context, FleetCommands.All));
        using var document = JsonDocument.Parse(output.ToArray());
        Assert.Contains(says, document.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Fleet_that_nobody_has_started_is_said_to_be_unreachable()
    {
        using var output = new MemoryStream();
        var context = new CommandContext { Out = output, Error = Stream.Null, OpenInput = static () => Stream.Null, Interrupted = TestContext.Current.CancellationToken };
        var port = Integration.Fixtures.ServerProcess.FreePort();
        Assert.Equal(70, await Application.RunAsync(["status", "--gateway", $"127.0.0.1:{port}", "--json"], context, FleetCommands.All));
        var error = JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("error");
        Assert.Equal(("fleet.unreachable", $"127.0.0.1:{port}"), (error.GetProperty("code").GetString(), error.GetProperty("endpoint").GetString()));
        // Said by the machine, not waited for.
        Assert.All(error.GetProperty("attempts").EnumerateArray(), static attempt => Assert.Equal("tcp.refused", attempt.GetProperty("code").GetString()));
    }
}
