using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing;
using ModelContextProtocol.Protocol;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary><c>codonet mcp</c> as a black box, driven by the client of the protocol's own SDK.</summary>
public sealed class McpToolTests(McpLab lab) : IClassFixture<McpLab>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(McpPeer.Ways), MemberType = typeof(McpPeer))]
    public async Task Every_tool_does_what_it_says_over_every_transport_and_revision(string transport, string version)
    {
        await using var peer = await McpPeer.StartAsync(transport, version, null, lab.Allowed);
        Assert.Equal(version, peer.Client.NegotiatedProtocolVersion);
        Assert.Equal("codonet", peer.Client.ServerInfo?.Name);

        var answer = await peer.CallAsync("http_request", new { url = $"{lab.Web.Url}post", method = "POST", body = """{"a":1}""" });
        Assert.Equal(("ok", 200), (Code(answer), answer.GetProperty("result").GetProperty("status").GetInt32()));
        Assert.Contains("\"a\":", Text(answer));

        answer = await peer.CallAsync("fetch_text", new { url = $"{lab.Web.Url}article", links = true });
        Assert.Equal("The news", answer.GetProperty("result").GetProperty("title").GetString());
        Assert.Equal($"# Today\n\nRain, more ({lab.Web.Url}more)", Text(answer));

        answer = await peer.CallAsync("websocket_exchange", new { url = lab.Socket.Url.AbsoluteUri, send = new[] { "one", "two" }, receive = 2 });
        Assert.Equal(["one", "two"], answer.GetProperty("result").GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("data").GetString()));

        answer = await peer.CallAsync("tcp_exchange", new { host = "127.0.0.1", port = lab.Tcp.Port, send = "hello", until = "hello" });
        Assert.Equal(("hello", "matched"), (Text(answer), answer.GetProperty("result").GetProperty("end").GetString()));

        answer = await peer.CallAsync("udp_exchange", new { host = "127.0.0.1", port = lab.Udp.Port, send = Convert.ToBase64String([0, 1, 2]), base64 = true });
        Assert.Equal(("AAEC", "base64"), (Text(answer), answer.GetProperty("content").GetProperty("encoding").GetString()));

        answer = await peer.CallAsync("dns_lookup", new { name = "www.test" });
        Assert.Equal("127.0.0.1", answer.GetProperty("result").GetProperty("records")[0].GetProperty("data").GetString());

        answer = await peer.CallAsync("explain", new { target = lab.Web.Url.AbsoluteUri });
        Assert.True(answer.GetProperty("result").GetProperty("ok").GetBoolean());

        answer = await peer.CallAsync("scan_ports", new { targets = new[] { "127.0.0.1" }, ports = $"{lab.Web.Port},{lab.Tcp.Port}" });
        Assert.Equal(2, answer.GetProperty("result").GetProperty("open").GetArrayLength());

        answer = await peer.CallAsync("ssh_run", new { target = lab.SshTarget, command = "cat; echo careful >&2; exit 3", input = "from here" });
        Assert.Equal(("ssh.exit_status", 3, "from here"), (Code(answer), answer.GetProperty("result").GetProperty("exitCode").GetInt32(), Text(answer)));
        Assert.Contains("careful", answer.GetProperty("result").GetProperty("stderr").GetString());

        var (remote, local) = (Path.Combine(lab.Ssh.Folder, $"{Guid.NewGuid():N}"), $"in/{Guid.NewGuid():N}.txt");
        await File.WriteAllTextAsync(remote, "over there", Stop);
        answer = await peer.CallAsync("sftp_get", new { target = lab.SshTarget, remote, local });
        Assert.Equal(("ok", 10), (Code(answer), answer.GetProperty("result").GetProperty("bytes").GetInt64()));
        Assert.Equal("over there", await File.ReadAllTextAsync(Path.Combine(lab.Files, local), Stop));
        answer = await peer.CallAsync("sftp_put", new { target = lab.SshTarget, local, remote = remote + "-2" });
        Assert.Equal("ok", Code(answer));
        Assert.Equal("over there", await File.ReadAllTextAsync(remote + "-2", Stop));
    }

    [Fact]
    public async Task Tools_say_what_they_take_give_and_may_do_and_every_answer_keeps_to_it()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        var tools = (await peer.Client.ListToolsAsync(cancellationToken: Stop)).Select(static tool => tool.ProtocolTool).ToList();
        Assert.Equal(
            ["http_request", "fetch_text", "websocket_exchange", "tcp_exchange", "udp_exchange", "dns_lookup", "explain", "ssh_run", "sftp_get", "sftp_put", "scan_ports", "next_page"],
            tools.Select(static tool => tool.Name));
        foreach (var tool in tools)
        {
            Assert.Equal("object", tool.InputSchema.GetProperty("type").GetString());
            Assert.False(tool.InputSchema.GetProperty("additionalProperties").GetBoolean());
            Assert.Equal(["code", "message", "hint", "transient", "wasSent", "retryAt"], tool.OutputSchema!.Value.GetProperty("required").EnumerateArray().Take(6).Select(static name => name.GetString()));
            Assert.True(tool.Annotations is { ReadOnlyHint: not null, DestructiveHint: not null, IdempotentHint: not null, OpenWorldHint: not null });
        }
        Assert.True(tools.Single(static tool => tool.Name == "fetch_text").Annotations!.ReadOnlyHint);
        Assert.True(tools.Single(static tool => tool.Name == "ssh_run").Annotations!.DestructiveHint);
        Assert.Contains(lab.SshTarget, tools.Single(static tool => tool.Name == "ssh_run").Description);

        var result = await peer.CallWholeAsync("http_request", new { url = $"{lab.Web.Url}get" });
        var required = tools[0].OutputSchema!.Value.GetProperty("required").EnumerateArray().Select(static name => name.GetString()!);
        Assert.All(required, name => Assert.True(result.StructuredContent!.Value.TryGetProperty(name, out _), name));
        // Clients that know no structure get the same as text.
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        Assert.True(JsonElement.DeepEquals(result.StructuredContent!.Value, JsonElement.Parse(text)), text);
    }

    [Fact]
    public async Task What_the_operator_did_not_allow_is_not_there()
    {
        await using var peer = await McpPeer.StartAsync();
        var names = (await peer.Client.ListToolsAsync(cancellationToken: Stop)).Select(static tool => tool.Name).ToList();
        Assert.Equal(["http_request", "fetch_text", "websocket_exchange", "tcp_exchange", "udp_exchange", "dns_lookup", "explain", "next_page"], names);
        await using var few = await McpPeer.StartAsync("--tools", "dns_lookup");
        Assert.Equal(["dns_lookup", "next_page"], (await few.Client.ListToolsAsync(cancellationToken: Stop)).Select(static tool => tool.Name));
        await Assert.ThrowsAnyAsync<ModelContextProtocol.McpException>(() => few.CallAsync("http_request", new { url = "http://127.0.0.1/" }));
    }

    [Fact]
    public async Task A_long_answer_comes_in_pages_that_together_are_all_of_it()
    {
        await using var peer = await McpPeer.StartAsync([.. lab.Allowed, "--page-chars", "5001"]);
        var answer = await peer.CallAsync("fetch_text", new { url = $"{lab.Web.Url}long" });
        var all = new StringBuilder(Text(answer));
        var before = lab.Web.Requests.Count;
        while (answer.GetProperty("content").GetProperty("nextCursor").GetString() is { } cursor)
        {
            answer = await peer.CallAsync("next_page", new { cursor });
            Assert.Equal(all.Length, answer.GetProperty("content").GetProperty("offset").GetInt32());
            all.Append(Text(answer));
        }
        Assert.Equal(string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"{i} \U0001F600\n")), all.ToString());
        Assert.Equal(before, lab.Web.Requests.Count);
        Assert.Equal("usage", Code(await peer.CallAsync("next_page", new { cursor = "0123456789abcdef.5" })));
    }

    [Fact]
    public async Task What_comes_from_the_network_is_marked_and_has_nothing_hidden()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        var answer = await peer.CallAsync("http_request", new { url = $"{lab.Web.Url}hidden" });
        Assert.Equal("a[2Jbcdef", Text(answer));
        Assert.Equal((true, 5), (answer.GetProperty("untrusted").GetBoolean(), answer.GetProperty("removedCharacters").GetInt32()));
        answer = await peer.CallAsync("ssh_run", new { target = lab.SshTarget, command = "printf 'x\\033[31my' >&2" });
        Assert.Equal("x[31my", answer.GetProperty("result").GetProperty("stderr").GetString());
    }

    [Fact]
    public async Task Robots_are_asked_first_on_every_hop_unless_the_operator_says_otherwise()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        foreach (var path in new[] { "private/page", "to-private" })
            Assert.Equal("policy.robots", Code(await peer.CallAsync("fetch_text", new { url = lab.Web.Url + path })));
        Assert.DoesNotContain(lab.Web.Requests, static request => request.Path == "/private/page");
        await using var other = await McpPeer.StartAsync([.. lab.Allowed, "--ignore-robots"]);
        Assert.Equal("secret", Text(await other.CallAsync("fetch_text", new { url = $"{lab.Web.Url}to-private" })));
    }

    [Theory]
    [InlineData("--max-requests", "2", "budget.requests")]
    [InlineData("--max-bytes", "100", "budget.bytes")]
    [InlineData("--max-hosts", "1", "budget.hosts")]
    public async Task A_budget_that_is_used_up_ends_every_call(string option, string value, string code)
    {
        await using var peer = await McpPeer.StartAsync([.. lab.Allowed, option, value]);
        JsonElement answer = default;
        for (var i = 0; i < 4 && (i == 0 || Code(answer) == "ok"); i++)
            answer = await peer.CallAsync("http_request", new { url = i % 2 == 0 ? $"{lab.Web.Url}json" : $"http://www.test:{lab.Web.Port}/json" });
        Assert.Equal((code, false, "never"), (Code(answer), answer.GetProperty("transient").GetBoolean(), answer.GetProperty("wasSent").GetString()));
        Assert.Contains(option, answer.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_call_takes_no_more_bytes_and_time_than_it_may()
    {
        await using var peer = await McpPeer.StartAsync([.. lab.Allowed, "--max-call-bytes", "1000"]);
        var answer = await peer.CallAsync("http_request", new { url = $"{lab.Web.Url}long" });
        Assert.Equal((1000, true), (answer.GetProperty("content").GetProperty("bytes").GetInt32(), answer.GetProperty("content").GetProperty("truncated").GetBoolean()));
        await using var hurried = await McpPeer.StartAsync([.. lab.Allowed, "--timeout", "1s"]);
        answer = await hurried.CallAsync("http_request", new { url = $"{lab.Web.Url}delay/30" });
        Assert.Equal(("timeout.total", true), (Code(answer), answer.GetProperty("transient").GetBoolean()));
    }

    [Fact]
    public async Task Every_failure_says_whether_it_was_sent_and_when_to_come_again()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        var result = await peer.CallWholeAsync("http_request", new { url = "http://127.0.0.1:9/" });
        var answer = result.StructuredContent!.Value;
        Assert.True(result.IsError);
        Assert.Equal(("tcp.refused", true, "never"), (Code(answer), answer.GetProperty("transient").GetBoolean(), answer.GetProperty("wasSent").GetString()));
        answer = await peer.CallAsync("http_request", new { url = $"{lab.Web.Url}busy" });
        Assert.Equal(("http.status", true, "later"), (Code(answer), answer.GetProperty("transient").GetBoolean(), Text(answer)));
        Assert.InRange(answer.GetProperty("retryAt").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(130));
        foreach (var wrong in new object[] { new { }, new { url = 5 }, new { url = "gopher://x/" }, new { url = "http://127.0.0.1/", method = "BREW" }, new { url = "http://127.0.0.1/", ur1 = "x" }, new { url = "http://127.0.0.1/", headers = new { x = "a\r\nb: c" } } })
            Assert.Equal("usage", Code(await peer.CallAsync("http_request", wrong)));
    }

    [Theory]
    [InlineData("../escape.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../escape.txt")]
    [InlineData("link/escape.txt")]
    [InlineData("a\\..\\b")]
    [InlineData("nul\0byte")]
    [InlineData("")]
    public async Task Files_stay_in_the_operators_folder(string local)
    {
        if (!File.Exists(Path.Combine(lab.Files, "link")) && !Directory.Exists(Path.Combine(lab.Files, "link")))
            File.CreateSymbolicLink(Path.Combine(lab.Files, "link"), lab.Folder);
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        Assert.Equal("usage", Code(await peer.CallAsync("sftp_get", new { target = lab.SshTarget, remote = "/etc/hostname", local })));
        Assert.Equal("usage", Code(await peer.CallAsync("sftp_put", new { target = lab.SshTarget, local, remote = "/tmp/never" })));
        Assert.False(File.Exists(Path.Combine(lab.Folder, "escape.txt")));
    }

    [Fact]
    public async Task Another_host_or_an_address_out_of_scope_is_refused()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        Assert.Equal("usage", Code(await peer.CallAsync("ssh_run", new { target = "root@127.0.0.1", command = "id" })));
        var answer = await peer.CallAsync("scan_ports", new { targets = new[] { "127.0.0.2" }, ports = "22" });
        Assert.NotEqual("ok", Code(answer));
    }

    [Theory, MemberData(nameof(McpPeer.Ways), MemberType = typeof(McpPeer))]
    public async Task A_call_that_is_given_up_ends_on_the_network_too(string transport, string version)
    {
        var (begun, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var web = LoopbackServer.Start().Map("GET", "/slow", async exchange =>
        {
            begun.TrySetResult();
            await exchange.WaitForLeaveAsync(exchange.Aborted);
            left.TrySetResult();
            exchange.Abort();
        });
        await using var peer = await McpPeer.StartAsync(transport, version, null, lab.Allowed);
        using var stop = new CancellationTokenSource();
        var call = peer.CallAsync("http_request", new { url = $"{web.Url}slow" }, stop.Token);
        await begun.Task.WaitAsync(Stop);
        // Over HTTP the client hangs up; over a pipe it must say so, which the SDK leaves to its caller. The call was its second request.
        if (transport == "stdio")
            await peer.Client.SendNotificationAsync("notifications/cancelled", new CancelledNotificationParams { RequestId = new RequestId(2) }, cancellationToken: Stop);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await left.Task.WaitAsync(Stop);
        Assert.Equal("ok", Code(await peer.CallAsync("http_request", new { url = $"{lab.Web.Url}get" })));
    }

    [Theory, MemberData(nameof(McpPeer.Ways), MemberType = typeof(McpPeer))]
    public async Task Progress_is_told_to_who_asks(string transport, string version)
    {
        var heard = new ConcurrentQueue<float>();
        var first = new TaskCompletionSource();
        await using var web = LoopbackServer.Start().Map("GET", "/parts", async exchange =>
        {
            await using var body = await exchange.StartAsync(200, length: 2000);
            await body.WriteAsync(new byte[1000], exchange.Aborted);
            await first.Task.WaitAsync(exchange.Aborted);
            await body.WriteAsync(new byte[1000], exchange.Aborted);
        });
        await using var peer = await McpPeer.StartAsync(transport, version, null, lab.Allowed);
        var progress = new Told(value =>
        {
            heard.Enqueue(value.Progress);
            if (value.Progress >= 0)
                first.TrySetResult();
        });
        var result = await peer.CallWholeAsync("http_request", new { url = $"{web.Url}parts" }, progress);
        Assert.Equal("ok", Code(result.StructuredContent!.Value));
        Assert.NotEmpty(heard);
        Assert.Equal(heard.Order(), heard);
        Assert.All(heard, static value => Assert.InRange(value, 0, 2000));
    }

    [Fact]
    public async Task Calls_run_side_by_side_and_a_pipe_that_ends_gets_its_answers()
    {
        await using var peer = await McpPeer.StartAsync(lab.Allowed);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => peer.CallAsync("http_request", new { url = $"{lab.Web.Url}get?i={i}" })));
        Assert.All(answers, static answer => Assert.Equal("ok", Code(answer)));
        var call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"http_request\",\"arguments\":{\"url\":\"" + lab.Web.Url + "get\"}}}\n";
        var (exit, output, _) = await Codonet.RunAsync(call, ["mcp", .. lab.Allowed]);
        Assert.Equal(0, exit);
        Assert.Equal("ok", JsonElement.Parse(output).GetProperty("result").GetProperty("structuredContent").GetProperty("code").GetString());
    }

    private static string Code(JsonElement answer) => answer.GetProperty("code").GetString()!;

    private static string Text(JsonElement answer) => answer.GetProperty("content").GetProperty("text").GetString()!;

    private sealed class Told(Action<ModelContextProtocol.ProgressNotificationValue> told) : IProgress<ModelContextProtocol.ProgressNotificationValue>
    {
        public void Report(ModelContextProtocol.ProgressNotificationValue value) => told(value);
    }
}
