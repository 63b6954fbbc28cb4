using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary>JSON-RPC over HTTP with a server that is not ours: the protocol's own, on Kestrel, which answers in events.</summary>
public sealed class McpHttpServerTests : IAsyncLifetime
{
    private readonly HTTPClient _http = new(new HTTPClientOptions { Retry = RetryOptions.None });
    private readonly List<string> _notified = [];
    private WebApplication? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer().WithHttpTransport().WithTools<Tools>();
        _server = builder.Build();
        _server.MapMcp("/mcp");
        await _server.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task Session_is_opened_and_tools_are_listed_and_called()
    {
        var rpc = await OpenAsync();
        var tools = await CallAsync(rpc, "tools/list", []);
        Assert.Equal(["add", "count", "wait"], tools["tools"]!.AsArray().Select(static tool => tool!["name"]!.GetValue<string>()).Order());
        var sum = await CallAsync(rpc, "tools/call", new() { ["name"] = "add", ["arguments"] = new JsonObject { ["a"] = 2, ["b"] = 3 } });
        Assert.Equal("5", sum["content"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task Progress_is_told_before_the_answer()
    {
        var rpc = await OpenAsync();
        var call = new JsonObject { ["name"] = "count", ["arguments"] = new JsonObject { ["to"] = 3 }, ["_meta"] = new JsonObject { ["progressToken"] = "p" } };
        var result = await CallAsync(rpc, "tools/call", call);
        Assert.Equal("counted", result["content"]![0]!["text"]!.GetValue<string>());
        Assert.Equal(["notifications/progress 1", "notifications/progress 2", "notifications/progress 3"], _notified);
    }

    [Fact]
    public async Task Errors_of_the_server_have_their_codes()
    {
        var rpc = await OpenAsync();
        var unknown = await Assert.ThrowsAsync<RpcException>(() => CallAsync(rpc, "no/such", []));
        Assert.Equal((ErrorCodes.RpcNoMethod, WasSent.Yes), (unknown.Code, unknown.WasSent));
        var wrong = await Assert.ThrowsAsync<RpcException>(() => CallAsync(rpc, "tools/call", new() { ["name"] = "nothing" }));
        Assert.Equal(ErrorCodes.RpcInvalidParameters, wrong.Code);
        // A session that the server does not know.
        var lost = await Assert.ThrowsAnyAsync<NetworkException>(() => CallAsync(Rpc(new() { ["Mcp-Session-Id"] = "forged" }), "tools/list", []));
        Assert.Equal(WasSent.Yes, lost.WasSent);
    }

    [Fact]
    public async Task Call_that_is_given_up_ends_at_the_server_too()
    {
        var rpc = await OpenAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var waiting = CallAsync(rpc, "tools/call", new() { ["name"] = "wait" }, enough.Token);
        await Tools.Began.Task.WaitAsync(Stop);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Tools.Left.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
    }

    private RpcHttpClient Rpc(HeaderMap? headers = null) => new(_http, _server!.Urls.First() + "/mcp", new RpcHttpOptions
    {
        Headers = headers,
        Notified = (method, told) => _notified.Add($"{method} {told.GetProperty("progress")}"),
    });

    /// <summary>The handshake, by hand, since its answer's field names the session.</summary>
    private async Task<RpcHttpClient> OpenAsync()
    {
        const string Hello = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";
        var fields = new HeaderMap { ["Accept"] = "application/json, text/event-stream", ["Content-Type"] = "application/json" };
        using var answer = await _http.PostAsync(_server!.Urls.First() + "/mcp", RequestBody.Bytes(System.Text.Encoding.UTF8.GetBytes(Hello), "application/json"), new Http.RequestOptions { Headers = fields }, Stop);
        await answer.EnsureSuccessAsync(Stop);
        var headers = new HeaderMap { ["MCP-Protocol-Version"] = "2025-06-18" };
        if (answer.Headers["Mcp-Session-Id"] is { } session)
            headers["Mcp-Session-Id"] = session;
        var rpc = Rpc(headers);
        await rpc.NotifyAsync("notifications/initialized", new JsonObject(), Json, Stop);
        return rpc;
    }

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonObject> Json { get; } =
        (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonObject>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonObject));

    private static async Task<JsonObject> CallAsync(RpcHttpClient rpc, string method, JsonObject parameters, CancellationToken? cancellationToken = null) =>
        (await rpc.CallAsync(method, parameters, Json, Json, cancellationToken: cancellationToken ?? Stop))!;

    [McpServerToolType]
    internal sealed class Tools
    {
        public static TaskCompletionSource Began { get; } = new();

        public static TaskCompletionSource Left { get; } = new();

        [McpServerTool(Name = "add"), Description("Adds.")]
        public static int Add(int a, int b) => a + b;

        [McpServerTool(Name = "count"), Description("Counts, and says how far it is.")]
        public static string Count(int to, IProgress<ProgressNotificationValue> progress)
        {
            for (var i = 1; i <= to; i++)
                progress.Report(new ProgressNotificationValue { Progress = i });
            return "counted";
        }

        [McpServerTool(Name = "wait"), Description("Waits to be given up.")]
        public static async Task<string> WaitAsync(CancellationToken cancellationToken)
        {
            Began.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                Left.TrySetResult();
            }
            return "never";
        }
    }
}
