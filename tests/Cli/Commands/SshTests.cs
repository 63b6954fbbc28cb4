using System.Text;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class SshTests(SshLab lab) : IClassFixture<SshLab>
{
    [Fact]
    public async Task Output_is_passed_on_and_the_status_of_the_command_is_that_of_the_run()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["ssh", lab.Target, .. lab.Trusted, "--", "echo", "out;", "echo", "err", ">&2;", "exit", "3"]);
        Assert.Equal((3, "out\n", "err\n"), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task Document_is_that_of_the_contract()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["ssh", lab.Target, .. lab.Trusted, "--json", "--", "echo out; echo err >&2; exit 3"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(["exitCode", "signal", "stdout", "stderr", "elapsedMs"], run.Document.EnumerateObject().Select(member => member.Name));
        Assert.Equal((3, null, "out\n", "err\n"), (run.Document.GetProperty("exitCode").GetInt32(), run.Document.GetProperty("signal").GetString(), run.Document.GetProperty("stdout").GetString(), run.Document.GetProperty("stderr").GetString()));
        Assert.True(run.Document.GetProperty("elapsedMs").GetDouble() > 0);
    }

    [Fact]
    public async Task Command_that_a_signal_ends_gives_what_a_shell_would_give()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["ssh", lab.Target, .. lab.Trusted, "--json", "--", "kill -TERM $$"]);
        Assert.Equal((143, "TERM"), (run.ExitCode, run.Document.GetProperty("signal").GetString()));
    }

    [Fact]
    public async Task Standard_input_reaches_the_command()
    {
        lab.Demand();
        var input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"line {i}\n")));
        var run = await new CliRun { Input = input }.StartAsync(["ssh", lab.Target, .. lab.Trusted, "--", "cat"]);
        Assert.Equal((0, Encoding.UTF8.GetString(input)), (run.ExitCode, run.Out));
        var none = await new CliRun { Input = input }.StartAsync(["ssh", lab.Target, .. lab.Trusted, "--no-input", "--", "cat"]);
        Assert.Equal((0, ""), (none.ExitCode, none.Out));
    }

    [Fact, Trait("Cve", "21")]
    public async Task Control_characters_are_escaped_on_a_terminal_alone()
    {
        lab.Demand();
        string[] line = ["ssh", lab.Target, .. lab.Trusted, "--", "printf '\\033]0;owned\\007 é\\n'"];
        Assert.Equal("\e]0;owned\a é\n", (await CliRun.RunAsync(line)).Out);
        Assert.Equal("\\x1b]0;owned\\x07 é\n", (await new CliRun { IsTerminal = true }.StartAsync(line)).Out);
    }

    [Fact]
    public async Task Unknown_host_is_refused_with_79_and_what_to_do_and_accepted_when_asked_for()
    {
        lab.Demand();
        using var known = new TemporaryFile(null);
        string[] line = ["ssh", lab.Target, "--key", lab.Server.KeyFile, "--known-hosts", known.Path];
        var run = await CliRun.RunAsync([.. line, "--", "true"]);
        Assert.Equal(79, run.ExitCode);
        Assert.Contains("SHA256:", run.Error);
        Assert.Contains("--accept-new", run.Error);
        Assert.Equal(0, (await CliRun.RunAsync([.. line, "--accept-new", "--", "true"])).ExitCode);
        Assert.Equal(0, (await CliRun.RunAsync([.. line, "--", "true"])).ExitCode);
        var pinned = await CliRun.RunAsync([.. line, "--json", "--host-key", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "--", "true"]);
        Assert.Equal((79, "ssh.host_key_changed"), (pinned.ExitCode, pinned.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Configuration_gives_host_port_user_key_and_trust()
    {
        lab.Demand();
        using var file = new TemporaryFile($"""
            Host web
              HostName {lab.Server.Host}
              Port {lab.Server.Port}
              User {lab.Server.User}
              IdentityFile {lab.Server.KeyFile}
              IdentityAgent none
              UserKnownHostsFile {lab.Server.KnownHostsFile}
            """);
        var run = await CliRun.RunAsync("ssh", "web", "--config", file.Path, "--", "echo hi");
        Assert.Equal((0, "hi\n"), (run.ExitCode, run.Out));
        using var evil = new TemporaryFile("Match exec \"touch /tmp/owned\"\n");
        var refused = await CliRun.RunAsync("ssh", "web", "--config", evil.Path, "--json", "--", "true");
        Assert.Equal((79, "ssh.configuration"), (refused.ExitCode, refused.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Command_beyond_its_deadline_is_a_timeout()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["ssh", lab.Target, .. lab.Trusted, "--timeout", "3s", "--json", "--", "sleep 60"]);
        Assert.Equal((73, "timeout.total"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Host_behind_another_is_reached_and_each_is_known()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["ssh", lab.Target, "--jump", $"{lab.Target},{lab.Target}", .. lab.Trusted, "--", "echo far"]);
        Assert.Equal((0, "far\n"), (run.ExitCode, run.Out));
        using var known = new TemporaryFile("");
        var stranger = await CliRun.RunAsync("ssh", lab.Target, "--jump", lab.Target, "--key", lab.Server.KeyFile, "--known-hosts", known.Path, "--json", "--", "true");
        Assert.Equal("ssh.host_key_unknown", stranger.Failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Password_is_for_the_host_and_not_for_those_on_the_way()
    {
        lab.Demand();
        using var folder = new TemporaryFolder();
        var stranger = folder["key"];
        using (var pair = Ssh.SSHKeyPair.Generate())
            await pair.SaveAsync(stranger, TestContext.Current.CancellationToken);
        string[] line = ["ssh", lab.Target, "--key", stranger, "--known-hosts", lab.Server.KnownHostsFile, "--json"];
        // The error names what was ready to be shown.
        CliRun Run() => new() { Environment = { ["CODONET_SSH_PASSWORD"] = "the canary" } };
        var direct = await Run().StartAsync([.. line, "--", "true"]);
        Assert.Equal("ssh.authentication", direct.Failure.GetProperty("code").GetString());
        Assert.Contains("password", direct.Failure.GetProperty("message").GetString());
        var first = await Run().StartAsync([.. line, "--jump", lab.Target, "--", "true"]);
        Assert.Equal("ssh.authentication", first.Failure.GetProperty("code").GetString());
        Assert.DoesNotContain("password", first.Failure.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Forwards_are_open_as_long_as_the_run()
    {
        lab.Demand();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var web = Testing.LabEndpoints.MapTo(Testing.LoopbackServer.Start());
        var port = await LabFixture.ClosedPortAsync();
        var proxy = await LabFixture.ClosedPortAsync();
        using var said = new LineWatch();
        var running = new CliRun { Interrupted = interrupt.Token, ErrorStream = said }.StartAsync(["ssh", lab.Target, .. lab.Trusted, "-L", $"{port}:127.0.0.1:{web.Port}", "-D", $"{proxy}"]);
        await said.LinesAsync(2, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await CliRun.RunAsync("get", $"http://127.0.0.1:{port}/get")).ExitCode);
        Assert.Equal(0, (await CliRun.RunAsync("get", $"http://127.0.0.1:{web.Port}/get", "--proxy", $"socks5://127.0.0.1:{proxy}", "--timeout", "10s")).ExitCode);
        await interrupt.CancelAsync();
        Assert.Equal(130, (await running).ExitCode);
        Assert.Equal(71, (await CliRun.RunAsync("get", $"http://127.0.0.1:{port}/get", "--retry", "0")).ExitCode);
    }

    [Theory]
    [InlineData("ssh", "host")]
    [InlineData("ssh", "user@", "--", "true")]
    [InlineData("ssh", "-oProxyCommand=id", "--", "true")]
    [InlineData("ssh", "host:99999", "--", "true")]
    [InlineData("ssh", "host", "--key", "/nowhere/key", "--host-key", "MD5:00", "--", "true")]
    [InlineData("ssh", "host", "--sshfp", "192.0.2.53", "--", "true")]
    [InlineData("ssh", "host", "-L", "nonsense")]
    [InlineData("ssh", "host", "-L", "1:2")]
    [InlineData("ssh", "host", "-D", "host:99")]
    [InlineData("sftp", "fly", "host:/x")]
    [InlineData("sftp", "put", "host:/x")]
    [InlineData("sftp", "get", "one:/x", "two:/y", ".")]
    [InlineData("sftp", "get", "one:/x", "two:/y")]
    [InlineData("sftp", "ls", "/local")]
    public async Task Wrong_line_is_a_usage_error(params string[] line) => Assert.Equal(64, (await CliRun.RunAsync(line)).ExitCode);
}
