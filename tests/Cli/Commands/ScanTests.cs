using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>scan</c>: table 6, row 19, and what the contract says of its JSON.</summary>
public class ScanTests
{
    private static List<JsonElement> Lines(CliRun run) => [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static async Task<(ScriptedServer Ssh, LoopbackServer Http, int Closed, string Ports)> StartAsync()
    {
        var ssh = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync("SSH-2.0-OpenSSH_9.2p1\u001b[2J\r\n", ct));
        var http = LoopbackServer.Start().MapStatic("GET", "/", "<title>Front door</title>"u8.ToArray(), "text/html");
        var closed = await LabFixture.ClosedPortAsync();
        return (ssh, http, closed, string.Create(CultureInfo.InvariantCulture, $"{ssh.Port},{http.Port},{closed}"));
    }

    [Fact]
    public async Task Open_ports_are_lines_of_json_and_the_summary_is_the_last()
    {
        var (ssh, http, closed, ports) = await StartAsync();
        await using var one = ssh;
        await using var two = http;
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", ports, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = Lines(run);
        Assert.Equal(new[] { ssh.Port, http.Port }.Order(), lines[..^1].Select(line => line.GetProperty("port").GetInt32()).Order());
        foreach (var line in lines[..^1])
        {
            Assert.Equal(("127.0.0.1", "127.0.0.1", "tcp", "open"), (line.GetProperty("host").GetString(), line.GetProperty("address").GetString(), line.GetProperty("protocol").GetString(), line.GetProperty("state").GetString()));
            Assert.True(line.TryGetProperty("reason", out _) && line.TryGetProperty("service", out _) && line.TryGetProperty("banner", out _) && line.TryGetProperty("rttMs", out _));
        }
        var summary = lines[^1].GetProperty("summary");
        Assert.Equal((1, 3, 2, 1, 0, true), (summary.GetProperty("hosts").GetInt32(), summary.GetProperty("ports").GetInt32(), summary.GetProperty("open").GetInt32(),
            summary.GetProperty("closed").GetInt32(), summary.GetProperty("filtered").GetInt32(), summary.GetProperty("complete").GetBoolean()));
        Assert.True(summary.GetProperty("elapsedMs").GetDouble() > 0 && summary.GetProperty("recall").GetDouble() == 1);
        run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", ports, "--json", "--all");
        Assert.Contains(Lines(run), line => line.TryGetProperty("port", out var port) && port.GetInt32() == closed && line.GetProperty("state").GetString() == "closed");
    }

    [Fact]
    public async Task Services_are_asked_and_what_they_say_is_escaped()
    {
        var (ssh, http, _, ports) = await StartAsync();
        await using var one = ssh;
        await using var two = http;
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", ports, "--banner");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("200 \"Front door\"", run.Out);
        Assert.Contains("OpenSSH 9.2p1", run.Out);
        Assert.DoesNotContain('\e', run.Out + run.Error);
        Assert.Contains("2 open, 1 closed", run.Error);
        var line = Lines(await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{ssh.Port}", "--banner", "--json"))[0];
        Assert.Equal(("ssh", "SSH-2.0-OpenSSH_9.2p1\e[2J", "probe"), (line.GetProperty("service").GetString(), line.GetProperty("banner").GetString(), line.GetProperty("serviceFrom").GetString()));
    }

    [Fact]
    public async Task Certificates_are_shown_whoever_issued_them()
    {
        using var authority = new TestCertificateAuthority("scan");
        await using var https = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue(new TestCertificateOptions { CommonName = "door" }) } });
        var run = await CliRun.RunAsync("scan", "localhost", "-4", "-p", $"{https.Port}", "--tls", "--json");
        var tls = Lines(run)[0].GetProperty("tls");
        Assert.Equal(("TLS 1.3", "CN=door"), (tls.GetProperty("protocol").GetString(), tls.GetProperty("subject").GetString()));
        Assert.Equal(("localhost", "127.0.0.1"), (Lines(run)[0].GetProperty("host").GetString(), Lines(run)[0].GetProperty("address").GetString()));
    }

    [Fact]
    public async Task Reports_are_written_and_a_later_scan_is_compared_with_them()
    {
        var (ssh, http, closed, ports) = await StartAsync();
        await using var one = ssh;
        await using var two = http;
        using var folder = new TemporaryFolder();
        var (xml, html, csv) = (folder["a.xml"], folder["a.html"], folder["a.csv"]);
        Assert.Equal(0, (await CliRun.RunAsync("scan", "127.0.0.1", "-p", ports, "--xml", xml, "--html", html, "--csv", csv, "--quiet")).ExitCode);
        Assert.Contains("<nmaprun", await File.ReadAllTextAsync(xml, TestContext.Current.CancellationToken));
        Assert.Contains("<!doctype html>", await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken));
        Assert.StartsWith("host,address,port", await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken));
        Assert.Contains("Nothing changed.", (await CliRun.RunAsync("scan", "127.0.0.1", "-p", ports, "--diff", xml)).Out);
        var port = ssh.Port;
        await ssh.DisposeAsync();
        await using var opened = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{ports},{opened.Port}", "--diff", xml, "--json");
        var change = Assert.Single(Lines(run), line => line.TryGetProperty("change", out _)).GetProperty("change");
        Assert.Equal(("closed", port, "tcp"), (change.GetProperty("kind").GetString(), change.GetProperty("port").GetInt32(), change.GetProperty("protocol").GetString()));
        run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{port},{http.Port}", "--diff", xml);
        Assert.Contains($"- 127.0.0.1:{port}/tcp: closed", run.Out);
    }

    [Fact]
    public async Task Resumed_scan_reports_again_what_it_knows_and_asks_nothing_twice()
    {
        await using var server = LoopbackServer.Start();
        using var folder = new TemporaryFolder();
        string[] arguments = ["scan", "127.0.0.1", "-p", $"1-100,{server.Port}", "--resume", folder["state"], "--json"];
        var first = Lines(await CliRun.RunAsync(arguments));
        var second = Lines(await CliRun.RunAsync(arguments));
        Assert.Equal([server.Port], second[..^1].Select(line => line.GetProperty("port").GetInt32()));
        Assert.Equal(101, second[^1].GetProperty("summary").GetProperty("closed").GetInt32() + second[^1].GetProperty("summary").GetProperty("open").GetInt32());
        Assert.True(first[^1].GetProperty("summary").GetProperty("probes").GetInt32() >= 101);
        Assert.Equal(0, second[^1].GetProperty("summary").GetProperty("probes").GetInt32());
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", "1-50", "--resume", folder["state"], "--json");
        Assert.Equal((70, "local.exists"), (run.ExitCode, Lines(run)[^1].GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Plan_shows_everything_and_sends_nothing()
    {
        await using var server = LoopbackServer.Start();
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{server.Port},u:53", "--plan", "--json", "--seed", "7", "--shard", "1/2", "--rate", "10", "--exclude", "10.0.0.1,db.test");
        var plan = run.Document.GetProperty("plan");
        Assert.Equal(("127.0.0.1", 1, 1, 1, 1, 10, 7, "1/2", "auto"), (plan.GetProperty("targets").GetString(), plan.GetProperty("addresses").GetInt32(), plan.GetProperty("tcpPorts").GetInt32(),
            plan.GetProperty("udpPorts").GetInt32(), plan.GetProperty("probes").GetInt32(), plan.GetProperty("ratePerSecond").GetInt32(), plan.GetProperty("seed").GetInt32(),
            plan.GetProperty("shard").GetString(), plan.GetProperty("mode").GetString()));
        Assert.Equal("db.test", plan.GetProperty("excludedNames")[0].GetString());
        run = await CliRun.RunAsync("scan", "127.0.0.1", "no-such-name.invalid", "-p", "all", "--plan");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Nothing was sent.", run.Out);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task Targets_come_from_a_file_and_standard_input_less_exclusions()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["hosts"], "# ours\n10.0.0.0/30  10.0.1.1\n\n10.0.2.1 # spare\n", TestContext.Current.CancellationToken);
        var run = await new CliRun { Input = Encoding.UTF8.GetBytes("10.0.3.1-2\n") }.StartAsync("scan", "@" + folder["hosts"], "-", "--exclude", "10.0.0.2", "-p", "1", "--plan", "--json");
        Assert.Equal("10.0.0.0-10.0.0.1 10.0.0.3 10.0.1.1 10.0.2.1 10.0.3.1-10.0.3.2", run.Document.GetProperty("plan").GetProperty("targets").GetString());
    }

    [Fact]
    public async Task Scope_refuses_what_is_outside_with_the_rule()
    {
        await using var server = LoopbackServer.Start();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["scope.json"], """{"name":"contract","allow":["10.0.0.0/24"]}""", TestContext.Current.CancellationToken);
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{server.Port}", "--scope", folder["scope.json"], "--json");
        Assert.Equal(80, run.ExitCode);
        Assert.Contains("the scope 'contract'", run.Failure.GetProperty("message").GetString());
        Assert.Equal(0, server.ConnectionCount);
        run = await CliRun.RunAsync("scan", "127.0.0.1", "10.0.0.1", "-p", "1", "--scope", folder["scope.json"], "--plan");
        Assert.Contains("refused  127.0.0.1 and what follows: the scope 'contract': nothing is allowed but the rules", run.Out);
    }

    [Fact]
    public async Task Scope_that_has_ended_is_to_be_renewed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["scope.json"], """{"allow":["127.0.0.1"],"until":"2020-01-01"}""", TestContext.Current.CancellationToken);
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", "9", "--scope", folder["scope.json"], "--json");
        Assert.Equal((80, "policy.denied"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        Assert.Contains("renewed by whoever gave leave", run.Failure.GetProperty("hint").GetString());
    }

    [Theory]
    [InlineData("scan needs TARGET…", "scan")]
    [InlineData("--ports: Invalid ports: '0' is not a port", "scan", "127.0.0.1", "-p", "0")]
    [InlineData("--ports: Invalid ports: 'nosuch' is the name of no service", "scan", "127.0.0.1", "-p", "22,nosuch")]
    [InlineData("has more than 16777216 addresses", "scan", "::/0")]
    [InlineData("is a URL", "scan", "http://127.0.0.1/")]
    [InlineData("--rate: 'fast' is not a whole number", "scan", "127.0.0.1", "--rate", "fast")]
    [InlineData("--mode: 'xmas' is no mode", "scan", "127.0.0.1", "--mode", "xmas")]
    [InlineData("--shard: '3/2' is no shard", "scan", "127.0.0.1", "--shard", "3/2")]
    [InlineData("--shard needs --seed", "scan", "127.0.0.1", "--shard", "1/2")]
    [InlineData("--exclude leaves no target", "scan", "127.0.0.1", "--exclude", "127.0.0.0/8")]
    [InlineData("--exclude: Invalid target: '10.0.0.0/99'", "scan", "127.0.0.1", "--exclude", "10.0.0.0/99")]
    [InlineData("--xml: '/nowhere/x.xml' cannot be written", "scan", "127.0.0.1", "-p", "1", "--xml", "/nowhere/x.xml")]
    [InlineData("--diff: there is no file '/nowhere/", "scan", "127.0.0.1", "--diff", "/nowhere/x.xml")]
    [InlineData("--scope: there is no file '/nowhere/", "scan", "127.0.0.1", "--scope", "/nowhere/x.json")]
    [InlineData("@/nowhere/hosts: there is no file '/nowhere/", "scan", "@/nowhere/hosts")]
    public async Task Wrong_usage_names_the_argument(string message, params string[] arguments)
    {
        var run = await CliRun.RunAsync(arguments);
        Assert.Equal((64, ""), (run.ExitCode, run.Out));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interruption_tells_what_was_found()
    {
        await using var silent = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        using var interrupt = new CancellationTokenSource();
        var running = new CliRun { Interrupted = interrupt.Token }.StartAsync("scan", "127.0.0.1", "-p", $"{silent.Port}", "--mode", "connect", "--banner", "--json");
        await silent.WaitForConnectionsAsync(2, TestContext.Current.CancellationToken);
        await interrupt.CancelAsync();
        var run = await running;
        Assert.Equal(130, run.ExitCode);
        Assert.False(Lines(run)[^1].GetProperty("summary").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Deadline_ends_the_scan_with_its_code()
    {
        await using var silent = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", $"{silent.Port}", "--banner", "--json", "--timeout", "200ms");
        Assert.Equal((73, "timeout.total"), (run.ExitCode, Lines(run)[^1].GetProperty("error").GetProperty("code").GetString()));
        Assert.True(Lines(run)[^2].TryGetProperty("summary", out _));
    }

    [Fact]
    public async Task Egress_policy_denies_a_target()
    {
        var run = await CliRun.RunAsync("scan", "127.0.0.1", "-p", "1", "--policy", "public-only", "--json");
        Assert.Equal((80, "policy.denied"), (run.ExitCode, Lines(run)[^1].GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public void Progress_is_a_table_with_the_time_that_is_left()
    {
        var rows = ScanView.Rows(new ScanStatistics { Ports = 1000, PortsDone = 500, Open = 3, Closed = 1490, Filtered = 7, Hosts = 4, HostsDone = 1, ProbesPerSecond = 5000.4, InFlight = 812, Recall = 0.998, Remaining = TimeSpan.FromSeconds(72) });
        Assert.Equal(
        [
            "ports  [==============              ]  50 %   500 of 1,000   1:12 left", "found  3 open, 1,490 closed, 7 filtered", "hosts  1 of 4", "rate   5,000 probes/s, 812 under way, recall 99.8 %",
        ], rows);
        Assert.Contains("0 %", ScanView.Rows(default)[0]);
    }
}
