using System.Text.Json;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class ExitCodeTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private static readonly string[] Members =
        ["type", "code", "message", "phase", "endpoint", "isTransient", "wasSent", "retryAfterMs", "elapsedMs", "attempts"];

    [Fact]
    public void Every_code_of_the_catalogue_has_the_exit_code_of_the_contract()
    {
        foreach (var info in ErrorCodes.All)
        {
            var error = new NetworkFailure { Code = info.Code, Message = "x" }.ToException();
            var expected = info.ExceptionType.Name switch
            {
                nameof(ConnectionException) => 71,
                nameof(DNSResolutionException) => 72,
                nameof(NetworkTimeoutException) => 73,
                nameof(SSLException) => 74,
                nameof(HTTPException) or nameof(StreamTruncatedException) => 75,
                nameof(WebSocketException) => 76,
                nameof(ProxyException) => 77,
                nameof(RateLimitException) => 78,
                nameof(SSHException) or nameof(SftpException) => 79,
                nameof(PolicyException) => 80,
                _ => 70,
            };
            Assert.Equal(expected, ExitCodes.Of(error));
        }
    }

    [Fact]
    public async Task A_refused_connection_is_71()
    {
        var port = await LabFixture.ClosedPortAsync();
        var run = await CliRun.RunAsync("get", $"http://127.0.0.1:{port}/", "--json", "--retry", "0");
        Check(run, 71, "ConnectionException", "tcp.refused", "connect");
        Assert.Equal($"127.0.0.1:{port}", run.Failure.GetProperty("endpoint").GetString());
        Assert.Equal("never", run.Failure.GetProperty("wasSent").GetString());
        Assert.Equal("tcp.refused", run.Failure.GetProperty("attempts")[0].GetProperty("code").GetString());
        Assert.True(run.Failure.GetProperty("elapsedMs").GetDouble() > 0);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_72()
    {
        await using var dns = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.NoSuchName);
        Check(await CliRun.RunAsync("get", "http://nowhere.example/", "--dns", dns.EndPoint.ToString(), "--json"), 72, "DNSResolutionException", "dns.not_found", "resolve");
    }

    [Fact]
    public async Task A_timeout_is_73() =>
        Check(await CliRun.RunAsync("get", $"{lab.Http.Url}delay/60", "--timeout", "100ms", "--json"), 73, "NetworkTimeoutException", "timeout.total", "first_byte");

    [Fact]
    public async Task Http3_is_75_where_the_platform_has_no_quic_and_says_so()
    {
        var run = await CliRun.RunAsync("get", $"https://127.0.0.1:{await LabFixture.ClosedPortAsync()}/", "--http3", "--json", "--retry", "0");
        if (!OperatingSystem.IsLinux() || System.Net.Quic.QuicConnection.IsSupported)
            return;
        Check(run, 75, "HTTPException", "http.version_unavailable", "prepare");
        Assert.Equal("never", run.Failure.GetProperty("wasSent").GetString());
        Assert.Contains("this platform has no QUIC", run.Failure.GetProperty("message").GetString());
        Assert.Contains("--http3", run.Failure.GetProperty("hint").GetString());
        Assert.Contains("a proxy carries no QUIC", (await CliRun.RunAsync("get", "https://a/", "--http3", "--proxy", "http://p:1")).Error);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_74() =>
        Check(await CliRun.RunAsync("get", $"{lab.Https.Url}get", "--json"), 74, "SSLException", "tls.untrusted", "tls");

    [Fact]
    public async Task A_wrong_pin_is_74() => Check(
        await CliRun.RunAsync("get", $"{lab.Https.Url}get", "--json", "--insecure", "--pin", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        74, "SSLException", "tls.pin", "tls");

    [Fact]
    public async Task Too_many_redirects_are_75()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}redirect/5", "--max-redirects", "2", "--json");
        Check(run, 75, "HTTPException", "http.too_many_redirects", null);
        var attempt = Assert.Single(run.Failure.GetProperty("attempts").EnumerateArray());
        Assert.Equal(($"127.0.0.1:{lab.Http.Port}", 302), (attempt.GetProperty("address").GetString(), attempt.GetProperty("status").GetInt32()));
        Assert.EndsWith("after 2 redirects (--max-redirects).", run.Failure.GetProperty("message").GetString());
        Assert.Contains("--max-redirects", run.Failure.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task A_denial_says_what_to_try_of_a_proxy_and_of_a_target()
    {
        var target = await CliRun.RunAsync("get", lab.Http.Url.AbsoluteUri, "--policy", "public-only", "--json");
        Assert.Contains("--allow", target.Failure.GetProperty("hint").GetString());
        var proxy = await CliRun.RunAsync("get", "http://a.example/", "--policy", "public-only", "--proxy", "http://127.0.0.1:9", "--json");
        Check(proxy, 80, "PolicyException", "policy.denied", null);
        Assert.Contains("without the proxy", proxy.Failure.GetProperty("hint").GetString());
        Assert.DoesNotContain("ProxyOptions", proxy.Out);
    }

    [Theory]
    [InlineData(401, "--auth")]
    [InlineData(404, "Check the URL")]
    [InlineData(429, "Ask again later")]
    [InlineData(500, "The server failed")]
    [InlineData(422, "The body of the answer")]
    public async Task Under_fail_the_hint_fits_the_status(int status, string hint)
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}status/{status}", "--fail", "--retry", "0", "--json");
        Assert.Equal((75, status), (run.ExitCode, run.Document.GetProperty("status").GetInt32()));
        Assert.Contains(hint, run.Failure.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task A_body_beyond_the_size_allowed_is_75() =>
        Check(await CliRun.RunAsync("get", $"{lab.Http.Url}bytes/10000", "--max-size", "1k", "--json"), 75, "HTTPException", "http.too_large", "receive");

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_77() => Check(
        await CliRun.RunAsync("get", lab.Http.Url.AbsoluteUri, "--json", "--proxy", $"socks5://127.0.0.1:{await LabFixture.ClosedPortAsync()}", "--retry", "0"),
        77, "ProxyException", "proxy.refused", "proxy");

    [Fact]
    public async Task A_wait_that_is_too_long_is_78()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}status/429?retry_after=3600", "--json");
        Check(run, 78, "RateLimitException", "rate.limited", "wait");
        Assert.Equal(3_600_000, run.Failure.GetProperty("retryAfterMs").GetDouble());
    }

    [Fact]
    public async Task A_denied_target_is_80_and_names_the_rule()
    {
        var run = await CliRun.RunAsync("get", lab.Http.Url.AbsoluteUri, "--policy", "public-only", "--json");
        Check(run, 80, "PolicyException", "policy.denied", "policy");
        Assert.Contains("loopback", run.Failure.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_denial_beats_a_permission_which_beats_the_preset()
    {
        string[] denied = ["get", $"{lab.Http.Url}get", "--json", "--policy", "public-only"];
        Assert.Equal(0, (await CliRun.RunAsync([.. denied, "--allow", "127.0.0.1"])).ExitCode);
        Assert.Equal(80, (await CliRun.RunAsync([.. denied, "--allow", "127.0.0.1", "--deny", "127.0.0.0/8"])).ExitCode);
    }

    [Fact]
    public async Task A_policy_may_come_from_a_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, """{ "preset": "nothing", "allow": ["example.com"] }""", TestContext.Current.CancellationToken);
            Assert.Equal(80, (await CliRun.RunAsync("get", lab.Http.Url.AbsoluteUri, "--policy", path, "--json")).ExitCode);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task An_interruption_is_130()
    {
        using var interrupt = new CancellationTokenSource();
        var running = new CliRun { Interrupted = interrupt.Token }.StartAsync("get", $"{lab.Http.Url}delay/61", "--json");
        await WaitForRequestAsync("/delay/61");
        await interrupt.CancelAsync();
        var run = await running;
        Assert.Equal(130, run.ExitCode);
        Assert.Equal("interrupted", run.Failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Without_json_a_failure_is_a_line_and_a_hint_on_standard_error()
    {
        var run = await CliRun.RunAsync("get", $"http://127.0.0.1:{await LabFixture.ClosedPortAsync()}/", "--retry", "0");
        Assert.Empty(run.Out);
        var lines = run.Error.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^codonet: 127\.0\.0\.1:\d+ refused the connection\. \[tcp\.refused\]$", lines[0]);
        Assert.StartsWith("  hint: ", lines[1]);
    }

    private async Task WaitForRequestAsync(string path)
    {
        while (!lab.Http.Requests.Any(request => request.Path == path))
            await Task.Yield();
    }

    private static void Check(CliRun run, int exitCode, string type, string code, string? phase)
    {
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(Members, run.Failure.EnumerateObject().Select(member => member.Name).Take(Members.Length));
        Assert.Equal(type, run.Failure.GetProperty("type").GetString());
        Assert.Equal(code, run.Failure.GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Array, run.Failure.GetProperty("attempts").ValueKind);
        if (phase is not null)
            Assert.Equal(phase, run.Failure.GetProperty("phase").GetString());
    }
}
