using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>ws</c>.</summary>
public class WsTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static List<JsonElement> Lines(CliRun run) => [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static string Told(JsonElement line) => $"{line.GetProperty("type")} {line.GetProperty("data")} {line.GetProperty("bytes")}";

    /// <summary>A server that says some things, then closes.</summary>
    private static WebSocketServer Saying(int code, params string[] texts) => WebSocketServer.Start(async (connection, cancellationToken) =>
    {
        foreach (var text in texts)
            await connection.SendTextAsync(text, cancellationToken);
        await connection.CloseAsync(code, "enough", cancellationToken);
    });

    [Fact]
    public async Task Send_and_count_exchange_messages_and_close_with_1000()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "hello", "--send-json", "{\"a\":1}", "--send", "ü", "--count", "3", "--json");
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Equal("""
            {"type":"text","data":"hello","bytes":5,"rttMs":null}
            {"type":"text","data":"{\"a\":1}","bytes":7,"rttMs":null}
            {"type":"text","data":"ü","bytes":2,"rttMs":null}
            {"type":"close","code":1000,"reason":"","byServer":false,"data":"","bytes":0,"rttMs":null}

            """, run.Out);
        Assert.Equal(1000, Assert.Single(server.Connections).CloseCode);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Lines_of_standard_input_are_messages_and_its_end_closes()
    {
        await using var server = WebSocketServer.Start();
        var run = await new CliRun { Input = "one\r\n\ntwo\nthree"u8.ToArray() }.StartAsync("ws", server.Url.AbsoluteUri, "--send", "first");
        Assert.Equal((0, "first\none\n\ntwo\nthree\n"), (run.ExitCode, run.Out));
        Assert.Equal(1000, server.Connections[0].CloseCode);
    }

    [Fact]
    public async Task Expect_stops_at_the_message_that_holds_the_text()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--send", "say pong!", "--send", "b", "--expect", "pong");
        Assert.Equal((0, "a\nsay pong!\n"), (run.ExitCode, run.Out));
    }

    [Theory]
    [InlineData(1000, "before the work was done: 1 of 2 messages had come", "--count", "2")]
    [InlineData(1001, "before the work was done: no message held 'pong'", "--expect", "pong")]
    [InlineData(1000, "1 messages came, but no message held 'pong'", "--count", "1", "--expect", "pong")]
    [InlineData(1011, "closed the WebSocket with code 1011: enough")]
    [InlineData(4001, "closed the WebSocket with code 4001: enough")]
    public async Task An_end_before_the_work_is_done_exits_with_76(int code, string message, params string[] options)
    {
        await using var server = Saying(code, "ping");
        var run = await CliRun.RunAsync(["ws", server.Url.AbsoluteUri, "--json", "--keep-open", .. options]);
        Assert.Equal(76, run.ExitCode);
        var lines = Lines(run);
        Assert.Equal("text ping 4", Told(lines[0]));
        var error = lines[^1].GetProperty("error");
        Assert.Equal(("WebSocketException", "ws.closed_abnormally"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains(message, error.GetProperty("message").GetString());
        Assert.Equal("close", lines[^2].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    public async Task A_servers_close_ends_a_conversation_without_a_goal(int code)
    {
        await using var server = Saying(code, "ping");
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--keep-open", "--json");
        Assert.Equal(0, run.ExitCode);
        var close = Lines(run)[^1];
        Assert.Equal((code, "enough", true), (close.GetProperty("code").GetInt32(), close.GetProperty("reason").GetString(), close.GetProperty("byServer").GetBoolean()));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_1006_and_exits_with_76()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterSent = 1 });
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--keep-open", "--json");
        Assert.Equal(76, run.ExitCode);
        var lines = Lines(run);
        Assert.Equal(["text", "close"], lines[..^1].Select(line => line.GetProperty("type").GetString()));
        Assert.Equal(1006, lines[^2].GetProperty("code").GetInt32());
        Assert.Equal(1006, lines[^1].GetProperty("error").GetProperty("closeCode").GetInt32());
    }

    [Fact]
    public async Task A_close_that_is_not_answered_is_no_proper_end()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.IgnoreClose());
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--count", "1", "--timeout", "300ms", "--json");
        Assert.True(run.ExitCode is 73 or 76, run.Out);
        Assert.Equal("text a 1", Told(Lines(run)[0]));
    }

    [Fact]
    public async Task Binary_is_base64_in_json_and_as_it_came_in_a_pipe()
    {
        await using var server = WebSocketServer.Start((connection, cancellationToken) => connection.SendBinaryAsync(new byte[] { 0, 255, 27 }, cancellationToken));
        var json = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--json");
        Assert.Equal("binary AP8b 3", Told(Lines(json)[0]));
        var pipe = await CliRun.RunAsync("ws", server.Url.AbsoluteUri);
        Assert.Equal([0, 255, 27], pipe.OutBytes);
        var terminal = await new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } }.StartAsync("ws", server.Url.AbsoluteUri);
        Assert.StartsWith("< (3 bytes that are no text", terminal.Out);
    }

    [Fact]
    public async Task A_terminal_gets_escapes_and_no_line_that_passes_for_another_message()
    {
        await using var server = Saying(1000, "a\u001b[2J\n< b\u009b");
        var terminal = await new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } }.StartAsync("ws", server.Url.AbsoluteUri, "--keep-open");
        Assert.Equal("< a\\x1b[2J\n  < b\\x9b\n", terminal.Out);
        Assert.Contains("closed with 1000 (enough) by the server; messages: 1 in, 0 out", terminal.Error);
        var pipe = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--keep-open");
        Assert.Equal("a\u001b[2J\n< b\u009b\n", pipe.Out);
        var json = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--keep-open", "--json");
        Assert.DoesNotContain(json.Out, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public async Task The_handshake_takes_fields_credentials_subprotocols_and_compression()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Subprotocols = ["chat.v2"], Compression = new WebSocketServerCompression() });
        var run = await new CliRun { Environment = { ["TOKEN"] = "s3cret" } }.StartAsync("ws", server.Url.AbsoluteUri, "--header", "X-Trace: on", "--bearer-env", "TOKEN",
            "--subprotocol", "chat.v3", "--subprotocol", "chat.v2", "--compress", "--send", new string('x', 500), "--count", "1", "-v");
        Assert.Equal(0, run.ExitCode);
        var connection = Assert.Single(server.Connections);
        Assert.Equal(("on", "Bearer s3cret", "chat.v2"), (connection.Handshake.Headers["X-Trace"], connection.Handshake.Headers["Authorization"], connection.Subprotocol));
        Assert.StartsWith("codonet/", connection.Handshake.Headers["User-Agent"]);
        Assert.Equal(4, connection.Frames[0].Rsv);
        Assert.Contains("subprotocol chat.v2, compressed", run.Error);
        Assert.Contains("< upgrade: websocket", run.Error);
        Assert.DoesNotContain("s3cret", run.Error);
        await new CliRun { Environment = { ["CODONET_PASSWORD"] = "p" } }.StartAsync("ws", server.Url.AbsoluteUri, "--auth", "ada");
        Assert.Equal("Basic YWRhOnA=", server.Handshakes[^1].Headers["Authorization"]);
    }

    [Fact]
    public async Task A_refused_handshake_shows_what_the_server_said()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Answer = (_, _) => Task.FromResult<WebSocketHandshakeAnswer?>(WebSocketHandshakeAnswer.Refuse(403, "no\u001b key")) });
        var json = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--json");
        Assert.Equal(76, json.ExitCode);
        Assert.Equal(("ws.handshake", 403, "no\\u001b key"), (json.Failure.GetProperty("code").GetString(), json.Failure.GetProperty("status").GetInt32(), json.Failure.GetProperty("bodyExcerpt").GetString()));
        var text = await CliRun.RunAsync("ws", server.Url.AbsoluteUri);
        Assert.Contains("key", text.Error);
        Assert.DoesNotContain('\u001b', text.Error);
    }

    [Fact]
    public async Task Reconnect_goes_on_after_a_loss_and_sends_the_first_messages_again()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterSent = 1, Times = 2 });
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "subscribe", "--reconnect", "--count", "3", "-v");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("subscribe\nsubscribe\nsubscribe\n", run.Out);
        Assert.Equal(3, server.Connections.Count);
        Assert.Contains("connected again after", run.Error);
    }

    [Fact]
    public async Task Reconnect_gives_up_after_as_many_attempts_as_retry_says()
    {
        var answers = 0;
        await using var server = WebSocketServer.Start(new WebSocketServerOptions
        {
            Answer = (_, _) => Task.FromResult(Interlocked.Increment(ref answers) == 1 ? null : WebSocketHandshakeAnswer.Refuse(503)),
        });
        server.Inject(WebSocketFault.Reset() with { AfterSent = 1 });
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--reconnect", "--retry", "1", "--keep-open", "--json");
        Assert.Equal(76, run.ExitCode);
        Assert.Equal("text a 1", Told(Lines(run)[0]));
    }

    [Fact]
    public async Task Pings_give_the_round_trip_time()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--ping-interval", "10ms", "--expect", "nothing", "--timeout", "500ms", "--json");
        Assert.Equal(73, run.ExitCode);
        Assert.Equal(JsonValueKind.Number, Lines(run)[0].GetProperty("rttMs").ValueKind);
    }

    [Fact]
    public async Task Silence_after_a_ping_exits_with_73()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Stall());
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--ping-interval", "20ms", "--idle-timeout", "100ms", "--keep-open", "--json");
        Assert.Equal((73, "timeout.idle"), (run.ExitCode, Lines(run)[^1].GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Timeout_spans_the_whole_run_and_says_what_is_missing()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--expect", "b", "--timeout", "300ms", "--json");
        Assert.Equal(73, run.ExitCode);
        Assert.Equal(["text", "close"], Lines(run)[..^1].Select(line => line.GetProperty("type").GetString()));
        var error = Lines(run)[^1].GetProperty("error");
        Assert.Equal("timeout.total", error.GetProperty("code").GetString());
        Assert.Contains("no message held 'b'", error.GetProperty("message").GetString());
        Assert.Equal(1000, server.Connections[0].CloseCode);
    }

    [Fact]
    public async Task An_interruption_closes_with_1000_and_exits_with_130()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var server = WebSocketServer.Start();
        var run = new CliRun { Interrupted = stop.Token };
        var running = run.StartAsync("ws", server.Url.AbsoluteUri, "--send", "a", "--keep-open");
        Assert.True(SpinWait.SpinUntil(() => run.OutSoFar == "a\n", TimeSpan.FromSeconds(20)));
        await stop.CancelAsync();
        Assert.Equal(130, (await running).ExitCode);
        Assert.Contains("Interrupted; 1 messages had arrived, 1 were sent", run.Error);
        Assert.Equal(1000, server.Connections[0].CloseCode);
    }

    [Fact]
    public async Task Tls_policy_and_proxy_are_those_of_every_command()
    {
        var echo = $"{lab.Https.Url.Authority}/ws/echo";
        Assert.Equal(0, (await CliRun.RunAsync("ws", "wss://" + echo, "--send", "a", "--count", "1", "--cacert", lab.CaFile)).ExitCode);
        Assert.Equal(74, (await CliRun.RunAsync("ws", "wss://" + echo, "--send", "a", "--count", "1")).ExitCode);
        Assert.Equal(80, (await CliRun.RunAsync("ws", "wss://" + echo, "--policy", "public-only")).ExitCode);
        await using var proxy = LoopbackProxy.Start();
        Assert.Equal(0, (await CliRun.RunAsync("ws", lab.Http.Url.Authority + "/ws/echo", "--send", "a", "--count", "1", "--proxy", proxy.Url())).ExitCode);
        Assert.Single(proxy.Requests);
        Assert.Equal(71, (await CliRun.RunAsync("ws", $"localhost:{await LabFixture.ClosedPortAsync()}", "--retry", "0")).ExitCode);
    }

    [Fact]
    public async Task Standard_input_that_is_not_utf8_is_told_by_its_line()
    {
        await using var server = WebSocketServer.Start();
        var run = await new CliRun { Input = [.. "ok\n"u8, 0xff, (byte)'\n'] }.StartAsync("ws", server.Url.AbsoluteUri, "--json");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("Line 2 of standard input is not UTF-8", Lines(run)[^1].GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("--send-json", "{")]
    [InlineData("--count", "0")]
    [InlineData("--header", "nonsense")]
    [InlineData("--header", "Sec-WebSocket-Key:x")]
    [InlineData("--subprotocol", "a b")]
    [InlineData("--reconnect", "--retry", "0")]
    [InlineData("--max-size", "3G")]
    [InlineData("--password-file", "-")]
    public async Task A_wrong_option_is_a_usage_error(params string[] options)
    {
        var run = await CliRun.RunAsync(["ws", "ws://127.0.0.1:9/", .. options, "--json"]);
        Assert.Equal((64, "UsageError"), (run.ExitCode, run.Failure.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task A_url_of_another_scheme_is_a_usage_error()
    {
        var run = await CliRun.RunAsync("ws", "ftp://127.0.0.1/", "--json");
        Assert.Equal((64, "ftp://127.0.0.1/"), (run.ExitCode, run.Failure.GetProperty("argument").GetString()));
    }

    [Fact]
    public async Task A_message_beyond_max_size_closes_with_1009()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", new string('x', 2000), "--max-size", "1k", "--keep-open", "--json");
        Assert.Equal((76, "ws.too_large"), (run.ExitCode, Lines(run)[^1].GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(1009, Lines(run)[^2].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Trace_tells_every_step_with_its_time()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--send", "abc", "--count", "1", "--trace");
        foreach (var step in new[] { "open: ws://", "sent 3 bytes", "received 3 bytes of text", "closed with 1000; messages: 1 in, 1 out" })
            Assert.Contains(step, run.Error);
    }
}
