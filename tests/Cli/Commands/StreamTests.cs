using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>--sse</c>, <c>--sse-end</c> and <c>--ndjson</c>.</summary>
public class StreamTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private static LoopbackServer Events(string text) => LabFixture.Answering(Encoding.UTF8.GetBytes(text), "text/event-stream");

    private static List<JsonElement> Lines(CliRun run) => [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    [Fact]
    public async Task Sse_writes_one_json_line_per_event()
    {
        await using var server = Events("data: a\n\nevent: add\nid: 7\ndata: b\ndata: c\n\n");
        var run = await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--sse", "--json");
        Assert.Equal("{\"event\":\"message\",\"id\":null,\"data\":\"a\"}\n{\"event\":\"add\",\"id\":\"7\",\"data\":\"b\\nc\"}\n", run.Out);
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Sse_is_shown_as_text_with_control_bytes_escaped()
    {
        await using var server = Events("data: a\u001b[2J\n\nevent: add\u009b\nid: 7\ndata: b\ndata: \u202ec\n\n");
        var run = await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--sse");
        Assert.Equal("a\\x1b[2J\n[add\\x9b 7] b\n  \\u202ec\n", run.Out);
        var json = await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--sse", "--json");
        Assert.DoesNotContain(json.Out, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public async Task Sse_sends_any_method_and_body_and_asks_for_events()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/chat", async exchange => await exchange.RespondAsync(200, $"data: {Encoding.UTF8.GetString(await exchange.ReadBodyAsync())}\n\n", "text/event-stream"));
        var run = await CliRun.RunAsync("post", server.Url + "chat", "stream:=true", "--sse");
        Assert.Equal("{\"stream\":true}\n", run.Out);
        Assert.Equal("text/event-stream", server.Requests.Single().Headers["Accept"]);
        Assert.Contains("--header 'Accept: text/event-stream'", (await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--sse", "--as-curl")).Out);
    }

    [Theory]
    [InlineData("get", "[DONE]", "data: a\n\ndata: [DONE]\n\n", 0)]
    [InlineData("post", "message_stop", "event: delta\ndata: a\n\nevent: message_stop\ndata: {}\n\n", 0)]
    [InlineData("post", "[DONE]", "id: 3\ndata: a\n\n", 75)]
    public async Task Sse_end_declares_the_terminal_event(string method, string end, string stream, int exitCode)
    {
        await using var server = Events(stream);
        var run = await CliRun.RunAsync(method, server.Url.AbsoluteUri, "--sse", "--sse-end", end, "--json");
        Assert.Equal(exitCode, run.ExitCode);
        var last = Lines(run)[^1];
        if (exitCode == 0)
        {
            Assert.Equal(2, Lines(run).Count);
            return;
        }
        var error = last.GetProperty("error");
        Assert.Equal(("StreamTruncatedException", "http.stream_truncated", "3", 1), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString(),
            error.GetProperty("lastEventId").GetString(), error.GetProperty("items").GetInt32()));
    }

    [Fact]
    public async Task Stream_that_breaks_says_so_and_the_last_id()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}sse/9?drop_after=2", "--sse", "--sse-end", "[DONE]");
        Assert.Equal(75, run.ExitCode);
        Assert.Equal("[message 1] {\"id\":1}\n[message 2] {\"id\":2}\n", run.Out);
        Assert.Contains("the last id is '2'", run.Error);
        Assert.Contains("[http.stream_truncated]", run.Error);
    }

    [Fact]
    public async Task A_refusal_shows_what_the_server_said()
    {
        await using var server = LabFixture.Answering("{\"error\":\"no key\"}"u8.ToArray(), "application/json", 401);
        var text = await CliRun.RunAsync("post", server.Url.AbsoluteUri, "--sse");
        Assert.Equal(75, text.ExitCode);
        Assert.StartsWith("{\"error\":\"no key\"}\n", text.Error);
        var json = await CliRun.RunAsync("post", server.Url.AbsoluteUri, "--ndjson", "--json");
        Assert.Equal((75, "{\"error\":\"no key\"}"), (json.ExitCode, json.Failure.GetProperty("bodyExcerpt").GetString()));
        await using var page = LabFixture.Answering("<p>hello</p>"u8.ToArray(), "text/html");
        var other = await CliRun.RunAsync("get", page.Url.AbsoluteUri, "--sse", "--json");
        Assert.Equal((75, "http.decode"), (other.ExitCode, other.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Ndjson_writes_one_line_per_document()
    {
        await using var server = LabFixture.Answering(Encoding.UTF8.GetBytes("{\"a\": 1.50}\r\n\n[\"\u009b\",\"\\ud800\"]\n"), "application/x-ndjson");
        foreach (var options in new string[][] { ["--ndjson"], ["--ndjson", "--json"] })
        {
            var run = await CliRun.RunAsync(["get", server.Url.AbsoluteUri, .. options]);
            Assert.Equal((0, "{\"a\": 1.50}\n[\"\\u009b\",\"\\ud800\"]\n"), (run.ExitCode, run.Out));
        }
    }

    [Fact]
    public async Task Ndjson_stops_at_what_is_no_json()
    {
        await using var server = LabFixture.Answering("{\"a\":1}\nnonsense\n"u8.ToArray(), "application/x-ndjson");
        var run = await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--ndjson", "--json");
        Assert.Equal(75, run.ExitCode);
        Assert.Equal(1, Lines(run)[0].GetProperty("a").GetInt32());
        var error = Lines(run)[1].GetProperty("error");
        Assert.Equal("http.decode", error.GetProperty("code").GetString());
        Assert.Contains("document 2", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("--sse", "")]
    [InlineData("--ndjson", "application/x-ndjson")]
    public async Task Lines_are_written_as_they_arrive_and_an_interruption_says_how_many(string option, string type)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            var body = await exchange.StartAsync(200, [new("Content-Type", type.Length == 0 ? "text/event-stream" : type)]);
            await body.WriteAsync(type.Length == 0 ? "data: 1\n\n"u8.ToArray() : "1\n"u8.ToArray());
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        var run = new CliRun { Interrupted = stop.Token };
        var running = run.StartAsync("get", server.Url.AbsoluteUri, option);
        Assert.True(SpinWait.SpinUntil(() => run.OutSoFar == "1\n", TimeSpan.FromSeconds(20)));
        await stop.CancelAsync();
        Assert.Equal(130, (await running).ExitCode);
        Assert.Contains("Interrupted; 1 ", run.Error);
    }

    [Fact]
    public async Task A_terminal_gets_the_head_before_the_events()
    {
        var run = await new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } }.StartAsync("get", $"{lab.Http.Url}sse/1", "--sse");
        Assert.StartsWith("HTTP/1.1 200 OK\n", run.Out);
        Assert.EndsWith("\n\n[message 1] {\"id\":1}\n", run.Out);
    }

    [Theory]
    [InlineData("--sse-end", "x")]
    [InlineData("--sse", "--ndjson")]
    [InlineData("--sse", "-o", "file")]
    public async Task Options_that_exclude_each_other_are_told(params string[] options)
    {
        var run = await CliRun.RunAsync(["get", lab.Http.Url.AbsoluteUri, .. options]);
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("--sse", run.Error);
    }
}
