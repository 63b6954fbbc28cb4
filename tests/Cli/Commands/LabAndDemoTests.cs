using System.Text;
using Codomyrmex.Networking.Cli.Commands;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class LabAndDemoTests
{
    [Fact]
    public async Task Every_step_of_the_demonstration_does_what_it_should()
    {
        var run = await CliRun.RunAsync("demo", "--json");
        Assert.True(run.ExitCode == 0, run.Out);
        Assert.True(run.Document.GetProperty("ok").GetBoolean());
        Assert.All(run.Document.GetProperty("steps").EnumerateArray(), step => Assert.True(step.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public async Task The_demonstration_is_a_line_a_step()
    {
        var run = await CliRun.RunAsync("demo");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("✓ retry a server that recovers", run.Out);
        Assert.DoesNotContain("✗", run.Out);
        Assert.DoesNotContain('\e', run.Out);
    }

    [Fact]
    public async Task The_lab_runs_for_its_time_and_its_first_line_is_a_document()
    {
        using var firstLine = new LineSignal();
        using var interrupt = new CancellationTokenSource();
        var running = new CliRun { OutStream = firstLine, Interrupted = interrupt.Token }.StartAsync("lab", "--json", "--for", "60s");
        var lab = System.Text.Json.JsonElement.Parse(await firstLine.Task.WaitAsync(TestContext.Current.CancellationToken));
        var ca = lab.GetProperty("caFile").GetString()!;
        Assert.Equal(0, (await CliRun.RunAsync("get", lab.GetProperty("http").GetString() + "get")).ExitCode);
        Assert.Equal(0, (await CliRun.RunAsync("get", lab.GetProperty("https").GetString() + "get", "--cacert", ca)).ExitCode);
        Assert.Equal("hello\n", (await CliRun.RunAsync("ws", lab.GetProperty("ws").GetString()!, "--send", "hello", "--count", "1")).Out);
        Assert.Equal("hello\n", (await CliRun.RunAsync("ws", lab.GetProperty("wss").GetString()!, "--send", "hello", "--count", "1", "--cacert", ca)).Out);
        Assert.True(lab.GetProperty("endpoints").GetArrayLength() > 10);
        if (lab.GetProperty("ssh") is { ValueKind: System.Text.Json.JsonValueKind.Object } ssh)
        {
            string Of(string name) => ssh.GetProperty(name).ToString();
            Assert.Equal("hello\n", (await CliRun.RunAsync("ssh", $"{Of("user")}@{Of("host")}:{Of("port")}", "--key", Of("keyFile"), "--known-hosts", Of("knownHostsFile"), "--", "echo hello")).Out);
        }
        Assert.False(running.IsCompleted);
        await interrupt.CancelAsync();
        await running;
    }

    [Fact]
    public async Task The_lab_stops_when_it_is_interrupted_and_leaves_nothing()
    {
        using var interrupt = new CancellationTokenSource();
        using var firstLine = new LineSignal();
        var running = new CliRun { OutStream = firstLine, Interrupted = interrupt.Token }.StartAsync("lab", "--json");
        var lab = System.Text.Json.JsonElement.Parse(await firstLine.Task.WaitAsync(TestContext.Current.CancellationToken));
        await interrupt.CancelAsync();
        Assert.Equal(130, (await running).ExitCode);
        Assert.False(File.Exists(lab.GetProperty("caFile").GetString()));
        Assert.Single(Encoding.UTF8.GetString(firstLine.ToArray()).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task The_lab_ends_with_0_after_its_time() => Assert.Equal(0, (await CliRun.RunAsync("lab", "--for", "1ms", "-q")).ExitCode);

    [Fact]
    public async Task A_port_that_is_taken_is_a_usage_error()
    {
        await using var taken = Testing.LoopbackServer.Start();
        var run = await CliRun.RunAsync("lab", "--port", taken.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--json");
        Assert.Equal(64, run.ExitCode);
        Assert.Equal("--port", run.Failure.GetProperty("argument").GetString());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_knows_every_command_and_option(string shell)
    {
        var run = await CliRun.RunAsync("completion", shell);
        Assert.Equal(0, run.ExitCode);
        foreach (var command in CommandTable.Names.Select(name => CommandTable.Find(name)!))
        {
            Assert.Contains(command.Name, run.Out);
            Assert.All(command.Groups.SelectMany(group => group.Options), option => Assert.Contains(option.Name.TrimStart('-'), run.Out));
        }
    }

    /// <summary>Tells when the first line was written.</summary>
    private sealed class LineSignal : MemoryStream
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Task => _line.Task;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer);
            if (buffer.Contains((byte)'\n'))
                _line.TrySetResult(Encoding.UTF8.GetString(ToArray()));
        }
    }
}
