using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>JSON-RPC over HTTP: answers in JSON and in events, and everything that a peer may do instead.</summary>
public sealed class RpcHttpClientTests : IAsyncDisposable
{
    private readonly LoopbackServer _server = LoopbackServer.Start();
    private readonly HTTPClient _client = new(new HTTPClientOptions { Retry = RetryOptions.None });

    private static CancellationToken Cancel => RpcAgents.Cancel;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private RpcHttpClient Rpc(RpcHttpOptions? options = null) => new(_client, $"{_server.Url}rpc", options);

    private static Task<int> AddAsync(RpcHttpClient rpc, RpcCallOptions? options = null, CancellationToken cancellationToken = default) =>
        rpc.CallAsync("add", new RpcAgents.Pair(2, 3), RpcAgents.AgentJson.Default.Pair, RpcAgents.AgentJson.Default.Int32, options, cancellationToken == default ? Cancel : cancellationToken);

    /// <summary>Answers each call with these messages, as events; ID stands for the call's.</summary>
    private void Events(params string[] messages) => _server.Map("POST", "/rpc", async exchange =>
    {
        var id = JsonElement.Parse(await exchange.ReadBodyAsync()).GetProperty("id").ToString();
        await using var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream")]);
        foreach (var message in messages)
            await body.WriteAsync(Encoding.UTF8.GetBytes($"id: 1\ndata: {message.Replace("ID", id, StringComparison.Ordinal)}\n\n"), exchange.Aborted);
    });

    [Fact]
    public async Task Call_is_a_post_and_its_answer_is_json()
    {
        _server.Map("POST", "/rpc", async exchange =>
        {
            var answer = await RpcAgents.Methods().AnswerAsync(await exchange.ReadBodyAsync(), RpcPeer.Unknown, cancellationToken: exchange.Aborted);
            await exchange.RespondAsync(200, answer!.Value, "application/json");
        });
        var rpc = Rpc(new RpcHttpOptions { Headers = new() { ["MCP-Protocol-Version"] = "2026-07-28" } });
        Assert.Equal(5, await AddAsync(rpc));
        var together = await Task.WhenAll(AddAsync(rpc), AddAsync(rpc), AddAsync(rpc));
        Assert.Equal([5, 5, 5], together);
        Assert.All(_server.Requests, request => Assert.Equal(("application/json", "application/json, text/event-stream", "2026-07-28"),
            (request.Headers["Content-Type"], request.Headers["Accept"], request.Headers["MCP-Protocol-Version"])));
        var error = await Assert.ThrowsAsync<RpcException>(() => rpc.CallAsync("nothing", 1, RpcAgents.AgentJson.Default.Int32, RpcAgents.AgentJson.Default.Int32, cancellationToken: Cancel));
        Assert.Equal((ErrorCodes.RpcNoMethod, WasSent.Yes), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Answer_may_come_as_an_event_behind_notifications()
    {
        Events("", """{"jsonrpc":"2.0","method":"progress","params":{"done":1}}""", """{"jsonrpc":"2.0","id":9,"method":"sampling","params":{}}""", """{"jsonrpc":"2.0","id":999,"result":1}""",
            """{"jsonrpc":"2.0","id":ID,"result":5}""");
        var notified = new List<string>();
        Assert.Equal(5, await AddAsync(Rpc(new RpcHttpOptions { Notified = (method, parameters) => notified.Add(method + parameters) })));
        Assert.Equal(["""progress{"done":1}"""], notified);
    }

    [Fact]
    public async Task Stream_gives_results_as_they_come_and_one_without_its_last_is_an_error()
    {
        Events("""{"jsonrpc":"2.0","id":ID,"result":"a"}""", """{"jsonrpc":"2.0","id":ID,"result":"b"}""");
        var got = new List<string?>();
        await foreach (var item in Stream(static item => item == "b"))
            got.Add(item);
        Assert.Equal(["a", "b"], got);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var item in Stream(static item => item == "end"))
                got.Add(item);
        });
        Assert.Equal((ErrorCodes.RpcDisconnected, WasSent.Yes, "count"), (error.Code, error.WasSent, error.Method));
        Assert.Equal(4, got.Count);

        IAsyncEnumerable<string?> Stream(Func<string?, bool> isLast) =>
            Rpc().StreamAsync("count", 2, RpcAgents.AgentJson.Default.Int32, RpcAgents.AgentJson.Default.String, isLast, cancellationToken: Cancel);
    }

    [Fact]
    public async Task Leaving_a_stream_closes_its_exchange()
    {
        var left = new TaskCompletionSource();
        _server.Map("POST", "/rpc", async exchange =>
        {
            await exchange.ReadBodyAsync();
            var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream")]);
            await body.WriteAsync("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"a\"}\n\n"u8.ToArray(), exchange.Aborted);
            await exchange.WaitForLeaveAsync(Cancel);
            left.TrySetResult();
        });
        await foreach (var _ in Rpc().StreamAsync("count", 2, RpcAgents.AgentJson.Default.Int32, RpcAgents.AgentJson.Default.String, cancellationToken: Cancel))
            break;
        await left.Task.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData(200, "", ErrorCodes.RpcProtocol)]
    [InlineData(200, "[]", ErrorCodes.RpcProtocol)]
    [InlineData(200, """{"jsonrpc":"2.0","id":7,"result":5}""", ErrorCodes.RpcDisconnected)]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"result":"five"}""", ErrorCodes.RpcProtocol)]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}}""", ErrorCodes.RpcInvalidParameters)]
    [InlineData(400, """{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"busy"}}""", ErrorCodes.RpcRemote)]
    [InlineData(500, "oops", ErrorCodes.HttpStatus)]
    [InlineData(404, """{"jsonrpc":"2.0","id":1,"result":5}""", ErrorCodes.HttpStatus)]
    public async Task Whatever_is_no_answer_is_an_error_with_a_code(int status, string body, string code)
    {
        _server.Map("POST", "/rpc", exchange => exchange.RespondAsync(status, body, "application/json"));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => AddAsync(Rpc()));
        Assert.Equal((code, WasSent.Yes), (error.Code, error.WasSent));
        Assert.Contains($"127.0.0.1:{_server.Port}", error.Message);
    }

    [Fact]
    public async Task Broken_stream_a_deadline_and_the_callers_own_end_are_told_apart()
    {
        _server.Map("POST", "/rpc", async exchange =>
        {
            await using var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream")], length: 1000);
            await body.WriteAsync(": soon\n\n"u8.ToArray(), exchange.Aborted);
            if (exchange.Headers["X-Stall"] is not null)
                await exchange.StallAsync();
        });
        Assert.Equal(ErrorCodes.HttpTruncated, (await Assert.ThrowsAnyAsync<NetworkException>(() => AddAsync(Rpc()))).Code);
        var stalled = Rpc(new RpcHttpOptions { Headers = new() { ["X-Stall"] = "1" } });
        var late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => AddAsync(stalled, new RpcCallOptions { Deadline = Deadline.After(TimeSpan.FromMilliseconds(200)) }));
        Assert.Equal(ErrorCodes.TimeoutTotal, late.Code);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AddAsync(stalled, null, cancel.Token));
    }

    [Fact]
    public async Task Notification_wants_no_answer_and_a_refusal_of_it_is_told()
    {
        var status = 202;
        var sent = "";
        _server.Map("POST", "/rpc", async exchange =>
        {
            sent = Encoding.UTF8.GetString(await exchange.ReadBodyAsync());
            await exchange.RespondAsync(status);
        });
        await Rpc().NotifyAsync("seen", 1, RpcAgents.AgentJson.Default.Int32, Cancel);
        status = 403;
        Assert.Equal(403, (await Assert.ThrowsAsync<HTTPException>(() => Rpc().NotifyAsync("seen", 1, RpcAgents.AgentJson.Default.Int32, Cancel))).Status);
        Assert.DoesNotContain("\"id\"", sent);
    }

    [Fact, Trait("Cve", "36")]
    public async Task Policy_of_the_client_holds_for_calls_and_for_where_they_are_redirected()
    {
        _server.Map("POST", "/rpc", exchange => exchange.RespondAsync(307, headers: [new("Location", "http://169.254.169.254/rpc")]));
        await using var guarded = new HTTPClient(new HTTPClientOptions
        {
            Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"127.0.0.1:{_server.Port}") },
        });
        Assert.IsType<PolicyException>(await Assert.ThrowsAnyAsync<NetworkException>(() => AddAsync(new RpcHttpClient(guarded, $"{_server.Url}rpc"))));
        Assert.IsType<PolicyException>(await Assert.ThrowsAnyAsync<NetworkException>(() => AddAsync(new RpcHttpClient(guarded, "http://10.0.0.1/rpc"))));
    }

    [Theory]
    [InlineData("ftp://a/")]
    [InlineData("nowhere")]
    public void An_address_is_a_url(string url) => Assert.ThrowsAny<ArgumentException>(() => new RpcHttpClient(_client, url));
}
