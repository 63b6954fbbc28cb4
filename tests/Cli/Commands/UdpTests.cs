using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>udp send</c> and <c>udp listen</c>.</summary>
public class UdpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static List<JsonElement> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    [Fact]
    public async Task Send_shows_the_reply_it_expects()
    {
        await using var server = LoopbackUDPServer.Start();
        var target = server.EndPoint.ToString();
        var run = await CliRun.RunAsync("udp", "send", target, "hello", "--expect-reply");
        Assert.Equal((0, "hello\n", ""), (run.ExitCode, run.Out, run.Error));
        run = await CliRun.RunAsync("udp", "send", target, "hello", "--expect-reply", "--json");
        Assert.Equal($$"""
            {"type":"datagram","data":"hello","encoding":"text","bytes":5,"peer":"{{target}}"}
            {"type":"end","data":"","encoding":"text","bytes":5,"peer":"{{target}}"}

            """.ReplaceLineEndings("\n"), run.Out);
        run = await new CliRun { Input = "from input"u8.ToArray() }.StartAsync("udp", "send", target, "--count", "1");
        Assert.Equal("from input\n", run.Out);
        run = await CliRun.RunAsync("udp", "send", target, "--hex", "00FF", "--expect-reply", "--max-datagram", "1", "--json");
        Assert.Equal(("base64", "AA==", true), (Lines(run.Out)[0].GetProperty("encoding").GetString(), Lines(run.Out)[0].GetProperty("data").GetString(), Lines(run.Out)[0].GetProperty("truncated").GetBoolean()));
    }

    [Fact]
    public async Task Send_without_an_expectation_ends_when_the_datagram_has_left()
    {
        await using var server = LoopbackUDPServer.Start(static _ => null);
        var run = await CliRun.RunAsync("udp", "send", server.EndPoint.ToString(), "hello", "--json");
        Assert.Equal((0, 1, "end"), (run.ExitCode, Lines(run.Out).Count, Lines(run.Out)[0].GetProperty("type").GetString()));
        Assert.True(SpinWait.SpinUntil(() => server.Received.Count == 1, 5000));
    }

    [Fact]
    public async Task Send_repeats_what_got_no_reply_and_tells_every_sending()
    {
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop with { Times = 1 });
        Assert.Equal("again\n", (await CliRun.RunAsync("udp", "send", server.EndPoint.ToString(), "again", "--expect-reply", "--wait", "20ms")).Out);
        server.Inject(DatagramFault.Drop);
        var run = await CliRun.RunAsync("udp", "send", server.EndPoint.ToString(), "lost", "--expect-reply", "--wait", "10ms", "--retry", "1", "--json");
        Assert.Equal((73, "timeout.first_byte", 2), (run.ExitCode, run.Failure.GetProperty("code").GetString(), run.Failure.GetProperty("attempts").GetArrayLength()));
        run = await CliRun.RunAsync("udp", "send", server.EndPoint.ToString(), "lost", "--expect-reply", "--timeout", "50ms", "--json");
        Assert.Equal((73, "timeout.total"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Nobody_there_and_the_policy_have_their_exit_codes()
    {
        string gone;
        await using (var server = LoopbackUDPServer.Start())
            gone = server.EndPoint.ToString();
        var run = await CliRun.RunAsync("udp", "send", gone, "hello", "--expect-reply", "--json");
        Assert.Equal((71, "udp.refused"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        run = await CliRun.RunAsync("udp", "send", gone, "hello", "--policy", "public-only", "--json");
        Assert.Equal((80, "policy.denied"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task Listen_shows_and_echoes_what_everybody_sends(string at)
    {
        using var first = new FirstLine();
        var listening = new CliRun { OutStream = first }.StartAsync("udp", "listen", at, "--echo", "--count", "2", "--json");
        var line = JsonElement.Parse(await first.Task.WaitAsync(Stop));
        Assert.Equal("listening", line.GetProperty("type").GetString());
        var target = line.GetProperty("data").GetString()!;
        foreach (var text in (string[])["one", "two"])
            Assert.Equal(text + "\n", (await CliRun.RunAsync("udp", "send", target, text, "--expect-reply")).Out);
        Assert.Equal(0, (await listening.WaitAsync(Stop)).ExitCode);
        Assert.Equal(["one", "two"], Lines(Encoding.UTF8.GetString(first.ToArray())).Skip(1).Select(one => one.GetProperty("data").GetString()));
    }

    [Fact]
    public async Task Listen_stops_when_it_is_interrupted()
    {
        using var interrupt = new CancellationTokenSource();
        using var first = new FirstLine();
        var listening = new CliRun { OutStream = first, Interrupted = interrupt.Token }.StartAsync("udp", "listen", "127.0.0.1:0", "--json");
        await first.Task.WaitAsync(Stop);
        await interrupt.CancelAsync();
        Assert.Equal(130, (await listening).ExitCode);
    }

    [Fact]
    public async Task Control_bytes_are_escaped()
    {
        await using var server = LoopbackUDPServer.Start(static _ => "\e[2J"u8.ToArray());
        Assert.Equal("\\x1b[2J\n", (await CliRun.RunAsync("udp", "send", server.EndPoint.ToString(), "x", "--expect-reply")).Out);
    }

    [Theory]
    [InlineData("udp", "send", "nowhere", "x")]
    [InlineData("udp", "send", "127.0.0.1:9", "--hex", "xyz")]
    [InlineData("udp", "listen", "example.com:80")]
    [InlineData("udp", "listen", "127.0.0.1:0", "text")]
    [InlineData("udp", "shout", "127.0.0.1:80")]
    [InlineData("udp", "send", "127.0.0.1:9", "x", "--max-datagram", "1M")]
    public async Task Nonsense_is_a_usage_error(params string[] arguments) => Assert.Equal(64, (await CliRun.RunAsync(arguments)).ExitCode);
}
