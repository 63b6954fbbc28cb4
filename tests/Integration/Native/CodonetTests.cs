using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Native;

/// <summary>What other programs rely on: documents and exit codes, of the executable itself.</summary>
public sealed class CodonetTests : IAsyncDisposable
{
    private readonly LoopbackServer _server = LabEndpoints.MapTo(LoopbackServer.Start());

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Get_prints_the_document_of_the_contract()
    {
        var (exitCode, document) = await CodonetExecutable.RunJsonAsync("get", $"{_server.Url}json");
        Assert.Equal(0, exitCode);
        string[] members = ["status", "reason", "version", "url", "headers", "body", "bodyKind", "bytes", "timings", "remote", "reused", "attempts", "redirects"];
        Assert.All(members, member => Assert.True(document.TryGetProperty(member, out _), member));
        Assert.Equal(200, document.GetProperty("status").GetInt32());
        Assert.Equal("1.1", document.GetProperty("version").GetString());
        Assert.Equal("json", document.GetProperty("bodyKind").GetString());
        Assert.Equal(42, document.GetProperty("body").GetProperty("number").GetInt32());
        Assert.Equal("application/json", document.GetProperty("headers").GetProperty("content-type")[0].GetString());
        Assert.Equal($"127.0.0.1:{_server.Port}", document.GetProperty("remote").GetString());
        Assert.True(document.GetProperty("timings").GetProperty("connectMs").GetDouble() >= 0);
        Assert.Equal(JsonValueKind.Null, document.GetProperty("timings").GetProperty("tlsMs").ValueKind);
    }

    [Fact]
    public async Task Redirects_are_listed()
    {
        var (_, document) = await CodonetExecutable.RunJsonAsync("get", $"{_server.Url}redirect/2");
        Assert.Equal(2, document.GetProperty("redirects").GetArrayLength());
        Assert.Equal(302, document.GetProperty("redirects")[0].GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData(71, "ConnectionException", "tcp.refused", "connect", "get", "http://127.0.0.1:9/", "--retry", "0")]
    [InlineData(80, "PolicyException", "policy.denied", "policy", "get", "http://169.254.169.254/", "--policy", "public-only")]
    [InlineData(64, "UsageError", "usage", null, "get")]
    [InlineData(64, "UsageError", "usage", null, "get", "http://127.0.0.1:9/", "--timeout", "soon")]
    public async Task A_failure_prints_its_error_and_exits_with_its_code(int exit, string type, string code, string? phase, params string[] arguments)
    {
        var (exitCode, document) = await CodonetExecutable.RunJsonAsync(arguments);
        Assert.Equal(exit, exitCode);
        var error = document.GetProperty("error");
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        if (phase is not null)
            Assert.Equal(phase, error.GetProperty("phase").GetString());
    }

    [Fact]
    public async Task A_slow_server_ends_in_a_timeout()
    {
        var (exitCode, document) = await CodonetExecutable.RunJsonAsync("get", $"{_server.Url}delay/30", "--timeout", "300ms");
        Assert.Equal(73, exitCode);
        var error = document.GetProperty("error");
        Assert.Equal("timeout.total", error.GetProperty("code").GetString());
        Assert.Equal("first_byte", error.GetProperty("phase").GetString());
        Assert.Equal("maybe", error.GetProperty("wasSent").GetString());
    }

    [Fact]
    public async Task Fail_exits_75_and_keeps_the_body()
    {
        var (exitCode, document) = await CodonetExecutable.RunJsonAsync("get", $"{_server.Url}status/404", "--fail");
        Assert.Equal(75, exitCode);
        Assert.Contains("404", document.ToString());
    }

    [Fact]
    public async Task Ws_writes_a_line_for_each_message_and_one_for_the_close()
    {
        var (exitCode, output, errors) = await CodonetExecutable.RunAsync(
            "ws", $"ws://127.0.0.1:{_server.Port}/ws/echo", "--send", "hello", "--send-json", "[1]", "--count", "2", "--json");
        Assert.True(exitCode == 0, output + errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(["text", "text", "close"], lines.Select(line => line.GetProperty("type").GetString()));
        Assert.Equal(["hello", "[1]", ""], lines.Select(line => line.GetProperty("data").GetString()));
        Assert.Equal(1000, lines[2].GetProperty("code").GetInt32());
        Assert.Equal(76, (await CodonetExecutable.RunAsync("ws", $"ws://127.0.0.1:{_server.Port}/status/403", "--json")).ExitCode);
    }

    [Fact]
    public async Task Demo_shows_every_step_as_it_should_be()
    {
        var (exitCode, output, errors) = await CodonetExecutable.RunAsync("demo");
        Assert.True(exitCode == 0, output + errors);
        Assert.DoesNotContain("✗", output);
    }
}
