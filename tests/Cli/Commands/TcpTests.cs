using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>tcp connect</c> and <c>tcp listen</c>.</summary>
public class TcpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static List<JsonElement> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static TCPServer Echo(Framing framing) => TCPServer.Start(async (connection, ct) =>
    {
        await foreach (var frame in connection.ReceiveAllAsync(ct))
            await connection.WriteAsync(frame, ct);
    }, new TCPServerOptions { Framing = framing });

    [Fact]
    public async Task Connect_sends_frames_and_shows_those_that_come_back_until_the_end()
    {
        await using var server = Echo(Framing.Lines);
        var target = $"127.0.0.1:{server.Port}";
        var run = await CliRun.RunAsync("tcp", "connect", target, "--send", "one", "--send", "two");
        Assert.Equal((0, "one\ntwo\n", ""), (run.ExitCode, run.Out, run.Error));
        run = await new CliRun { Input = "three\nfour\n"u8.ToArray() }.StartAsync("tcp", "connect", target, "--json");
        Assert.Equal($$"""
            {"type":"frame","data":"three","encoding":"text","bytes":5,"peer":"{{target}}"}
            {"type":"frame","data":"four","encoding":"text","bytes":4,"peer":"{{target}}"}
            {"type":"end","data":"","encoding":"text","bytes":9,"peer":"{{target}}"}

            """.ReplaceLineEndings("\n"), run.Out);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_come_in_base64_and_control_bytes_are_escaped()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) => await connection.SendAsync(new byte[] { 0, 0, 0, 2, 0xFF, 0xFE, 0, 0, 0, 4, 0x1B, (byte)'[', (byte)'2', (byte)'J' }, stop));
        var run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{server.Port}", "--framing", "length:4", "--json");
        Assert.Equal(("base64", "//4="), (Lines(run.Out)[0].GetProperty("encoding").GetString(), Lines(run.Out)[0].GetProperty("data").GetString()));
        run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{server.Port}", "--framing", "length:4");
        Assert.Equal("base64 //4=\n\\x1b[2J\n", run.Out);
    }

    [Fact]
    public async Task Count_ends_the_run_and_fewer_frames_are_a_failure()
    {
        await using var server = Echo(Framing.VarInt);
        var target = $"127.0.0.1:{server.Port}";
        Assert.Equal("a\n", (await CliRun.RunAsync("tcp", "connect", target, "--framing", "varint", "--send", "a", "--send", "b", "--count", "1")).Out);
        await using var short1 = ScriptedServer.Start(async (connection, stop) => await connection.SendAsync("only one\n", stop));
        var run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{short1.Port}", "--send", "x", "--count", "2", "--json");
        Assert.Equal(71, run.ExitCode);
        Assert.Equal("tcp.closed_early", Lines(run.Out)[^1].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_egress_policy_and_a_refused_connection_have_their_exit_codes()
    {
        var closed = await LabFixture.ClosedPortAsync();
        Assert.Equal(71, (await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{closed}", "--send", "x")).ExitCode);
        var run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{closed}", "--send", "x", "--policy", "public-only", "--json");
        Assert.Equal((80, "policy.denied"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task The_deadline_ends_a_conversation()
    {
        await using var silent = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        var run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{silent.Port}", "--send", "x", "--count", "1", "--timeout", "50ms", "--json");
        Assert.Equal((73, "timeout.total"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{silent.Port}", "--send", "x", "--count", "1", "--idle-timeout", "50ms", "--json");
        Assert.Equal((73, "timeout.first_byte"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Listen_shows_and_echoes_what_everybody_sends()
    {
        using var first = new FirstLine();
        var listening = new CliRun { OutStream = first }.StartAsync("tcp", "listen", "127.0.0.1:0", "--echo", "--send", "welcome", "--count", "3", "--json");
        var line = JsonElement.Parse(await first.Task.WaitAsync(Stop));
        Assert.Equal("listening", line.GetProperty("type").GetString());
        var target = line.GetProperty("data").GetString()!;
        Assert.Equal("welcome\none\ntwo\n", (await CliRun.RunAsync("tcp", "connect", target, "--send", "one", "--send", "two")).Out);
        Assert.Equal("welcome\nthree\n", (await CliRun.RunAsync("tcp", "connect", target, "--send", "three")).Out);
        Assert.Equal(0, (await listening.WaitAsync(Stop)).ExitCode);
        var all = Lines(Encoding.UTF8.GetString(first.ToArray()));
        Assert.Equal(["one", "two", "three"], all.Where(one => one.GetProperty("type").GetString() == "frame").Select(one => one.GetProperty("data").GetString()));
    }

    [Fact]
    public async Task Listen_stops_when_it_is_interrupted()
    {
        using var interrupt = new CancellationTokenSource();
        using var first = new FirstLine();
        var listening = new CliRun { OutStream = first, Interrupted = interrupt.Token }.StartAsync("tcp", "listen", "[::1]:0", "--json");
        await first.Task.WaitAsync(Stop);
        await interrupt.CancelAsync();
        Assert.Equal(130, (await listening).ExitCode);
    }

    [Fact]
    public async Task Tls_is_spoken_on_both_sides()
    {
        using var authority = new TestCertificateAuthority();
        using var ca = new TemporaryFile("");
        using var certificate = new TemporaryFile("");
        using var key = new TemporaryFile("");
        authority.WriteRootPem(ca.Path);
        authority.WritePem(authority.Issue(), certificate.Path, key.Path);
        using var first = new FirstLine();
        using var interrupt = new CancellationTokenSource();
        var listening = new CliRun { OutStream = first, Interrupted = interrupt.Token }.StartAsync("tcp", "listen", "127.0.0.1:0", "--echo", "--tls", "--cert", certificate.Path, "--key", key.Path, "--json");
        var target = JsonElement.Parse(await first.Task.WaitAsync(Stop)).GetProperty("data").GetString()!;
        Assert.Equal("secret\n", (await CliRun.RunAsync("tcp", "connect", target, "--tls", "--cacert", ca.Path, "--send", "secret")).Out);
        Assert.Equal(74, (await CliRun.RunAsync("tcp", "connect", target, "--tls", "--send", "secret")).ExitCode);
        await interrupt.CancelAsync();
        await listening;
    }

    [Theory]
    [InlineData("tcp", "connect", "nowhere")]
    [InlineData("tcp", "listen", "example.com:80")]
    [InlineData("tcp", "listen", "127.0.0.1:0", "--tls")]
    [InlineData("tcp", "shout", "127.0.0.1:80")]
    [InlineData("tcp", "connect", "127.0.0.1:80", "--framing", "length:3")]
    [InlineData("tcp", "connect", "127.0.0.1:80", "--framing", "fixed:0")]
    [InlineData("tcp", "connect", "127.0.0.1:80", "--max-frame", "2G")]
    public async Task Nonsense_is_a_usage_error(params string[] arguments) => Assert.Equal(64, (await CliRun.RunAsync(arguments)).ExitCode);

    [Fact]
    public async Task A_frame_that_the_framing_cannot_carry_is_a_usage_error()
    {
        await using var server = Echo(Framing.FixedLength(3));
        var run = await CliRun.RunAsync("tcp", "connect", $"127.0.0.1:{server.Port}", "--framing", "fixed:3", "--send", "four", "--json");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("3 bytes", run.Failure.GetProperty("message").GetString());
    }
}
