using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>Row 29 of the WebSocket table: JSON-RPC, request and reply correlated.</summary>
public partial class RpcConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RpcMethods Arithmetic => new RpcMethods()
        .Add("add", Json.Default.Pair, Json.Default.Int32, (pair, _) => Task.FromResult(pair!.A + pair.B))
        .Add("sum", Json.Default.Int32Array, Json.Default.Int32, (numbers, _) => Task.FromResult(numbers!.Sum()))
        .Add("negate", Json.Default.Int32, Json.Default.Int32, (number, _) => Task.FromResult(-number))
        .Add("nothing", Json.Default.Pair, Json.Default.String, (pair, _) => Task.FromResult(pair is null ? "nothing" : "something"))
        .Add("refuse", Json.Default.Pair, Json.Default.Int32, (_, _) => throw new RpcErrorException(4001, "not \u001btoday"))
        .Add("fail", Json.Default.Pair, Json.Default.Int32, (_, _) => throw new InvalidOperationException("the password is hunter2"));

    [Theory]
    [InlineData(RpcFraming.Lines)]
    [InlineData(RpcFraming.ContentLength)]
    public async Task Calls_get_their_typed_results_whatever_the_form_of_their_parameters(RpcFraming framing)
    {
        var (near, far) = await PairAsync();
        await using var server = RpcConnection.Over(far, framing, new RpcOptions { Methods = Arithmetic });
        await using var client = RpcConnection.Over(near, framing);
        Assert.Equal(3, await client.CallAsync("add", new Pair(1, 2), Json.Default.Pair, Json.Default.Int32, Cancel));
        Assert.Equal(6, await client.CallAsync("sum", [1, 2, 3], Json.Default.Int32Array, Json.Default.Int32, Cancel));
        Assert.Equal(-4, await client.CallAsync("negate", 4, Json.Default.Int32, Json.Default.Int32, Cancel));
        Assert.Equal("nothing", await client.CallAsync("nothing", Json.Default.String, Cancel));
        Assert.Equal(7, await client.CallAsync<int>("add", new { a = 3, b = 4 }, Cancel));
        var many = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.CallAsync("negate", i, Json.Default.Int32, Json.Default.Int32, Cancel)));
        Assert.Equal(200, many.Index().Count(answer => answer.Item == -answer.Index));
    }

    [Fact]
    public async Task Both_sides_call_at_the_same_time_and_a_method_may_call_back()
    {
        var (near, far) = await PairAsync();
        RpcConnection? server = null;
        await using var client = RpcConnection.Over(near, options: new RpcOptions { Methods = Arithmetic });
        await using var _ = server = RpcConnection.Over(far, options: new RpcOptions
        {
            Methods = new RpcMethods().Add("twice", Json.Default.Int32, Json.Default.Int32,
                async (number, ct) => await server!.CallAsync("add", new Pair(number, number), Json.Default.Pair, Json.Default.Int32, ct)),
        });
        Assert.Equal(42, await client.CallAsync("twice", 21, Json.Default.Int32, Json.Default.Int32, Cancel));
    }

    [Theory]
    [InlineData("refuse", "rpc.remote", 4001, "not \\u001btoday")]
    [InlineData("absent", "rpc.no_method", -32601, "no such method")]
    [InlineData("sum", "rpc.invalid_parameters", -32602, "another form")]
    [InlineData("fail", "rpc.remote", -32603, "The method failed.")]
    public async Task An_error_of_the_peer_is_told_and_what_failed_there_is_not(string method, string code, int remote, string message)
    {
        var (near, far) = await PairAsync();
        await using var server = RpcConnection.Over(far, options: new RpcOptions { Methods = Arithmetic });
        await using var client = RpcConnection.Over(near);
        var error = await Assert.ThrowsAsync<RpcException>(() => client.CallAsync(method, new Pair(1, 2), Json.Default.Pair, Json.Default.Int32, Cancel));
        Assert.Equal((code, remote, method, WasSent.Yes), (error.Code, error.RemoteCode, error.Method, error.WasSent));
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain("hunter2", error.ToString());
    }

    [Fact]
    public async Task A_result_of_another_form_is_a_fault_of_the_protocol()
    {
        var (near, far) = await PairAsync();
        await using var server = RpcConnection.Over(far, options: new RpcOptions { Methods = Arithmetic });
        await using var client = RpcConnection.Over(near);
        var error = await Assert.ThrowsAsync<RpcException>(() => client.CallAsync("nothing", Json.Default.Int32, Cancel));
        Assert.Equal("rpc.protocol", error.Code);
    }

    [Fact]
    public async Task Notifications_go_both_ways()
    {
        var heard = new TaskCompletionSource<string>();
        var (near, far) = await PairAsync();
        RpcConnection? server = null;
        await using var _ = server = RpcConnection.Over(far, options: new RpcOptions
        {
            Methods = new RpcMethods().AddNotification("hello", Json.Default.String, (name, ct) => server!.NotifyAsync("heard", "you, " + name, Json.Default.String, ct)),
        });
        await using var client = RpcConnection.Over(near, options: new RpcOptions
        {
            Methods = new RpcMethods().AddNotification("heard", Json.Default.String, (text, _) =>
            {
                heard.SetResult(text!);
                return Task.CompletedTask;
            }),
        });
        await client.NotifyAsync("nobody listens", "x", Json.Default.String, Cancel);
        await client.NotifyAsync("hello", "Ada", Json.Default.String, Cancel);
        Assert.Equal("you, Ada", await heard.Task.WaitAsync(Cancel));
    }

    [Fact]
    public async Task A_cancelled_call_cancels_what_is_served()
    {
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (near, far) = await PairAsync();
        await using var server = RpcConnection.Over(far, options: new RpcOptions
        {
            Methods = new RpcMethods().Add("wait", Json.Default.Pair, Json.Default.Int32, async (_, ct) =>
            {
                await using var registration = ct.Register(cancelled.SetResult);
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, ct);
                return 1;
            }),
        });
        await using var client = RpcConnection.Over(near);
        using var stop = new CancellationTokenSource();
        var call = client.CallAsync("wait", Json.Default.Int32, stop.Token);
        await begun.Task.WaitAsync(Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_in_time_is_a_timeout_and_is_told()
    {
        var clock = new FakeTimeProvider();
        var (near, far) = await PairAsync();
        using var lines = new StreamReader(far);
        await using var client = RpcConnection.Over(near, options: new RpcOptions { Clock = clock, CallTimeout = TimeSpan.FromSeconds(3) });
        var call = client.CallAsync("slow", Json.Default.Int32, Cancel);
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"method":"slow","timeoutMs":3000}""", await lines.ReadLineAsync(Cancel));
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call);
        Assert.Equal(("timeout.total", WasSent.Yes), (error.Code, error.WasSent));
        Assert.Equal("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}""", await lines.ReadLineAsync(Cancel));
    }

    [Fact]
    public async Task Calls_under_way_fail_when_the_peer_leaves_and_later_ones_are_never_sent()
    {
        var (near, far) = await PairAsync();
        await using var client = RpcConnection.Over(near);
        var call = client.CallAsync("x", Json.Default.Int32, Cancel);
        await far.ReadExactlyAsync(new byte[10], Cancel);
        await far.DisposeAsync();
        var first = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(("rpc.disconnected", WasSent.Maybe), (first.Code, first.WasSent));
        await Task.WhenAny(client.Completion);
        var second = await Assert.ThrowsAsync<RpcException>(() => client.CallAsync("x", Json.Default.Int32, Cancel));
        Assert.Equal(("rpc.disconnected", WasSent.Never), (second.Code, second.WasSent));
    }

    [Theory]
    [InlineData("nonsense", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("""{"jsonrpc":"1.0","method":"x"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":1}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","method":"b"}""", -32700)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","params":1}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"a"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"x"}}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"x"}""", -32600)]
    public async Task What_is_no_json_rpc_ends_the_conversation(string line, int code)
    {
        var (near, far) = await PairAsync();
        await using var client = RpcConnection.Over(near);
        await far.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), Cancel);
        var error = await Assert.ThrowsAsync<RpcException>(() => client.Completion.WaitAsync(Cancel));
        Assert.Equal("rpc.protocol", error.Code);
        using var lines = new StreamReader(far);
        Assert.Contains($"{code}", await lines.ReadLineAsync(Cancel));
        Assert.Null(await lines.ReadLineAsync(Cancel));
    }

    [Theory]
    [InlineData(RpcFraming.Lines, "{\"jsonrpc\":\"2.0\",\"method\":\"")]
    [InlineData(RpcFraming.ContentLength, "Content-Length: 99999\r\n\r\n")]
    [InlineData(RpcFraming.ContentLength, "Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData(RpcFraming.ContentLength, "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData(RpcFraming.ContentLength, "nonsense\r\n\r\n")]
    public async Task A_message_beyond_the_limit_or_a_bad_head_ends_the_conversation(RpcFraming framing, string begin)
    {
        var (near, far) = await PairAsync();
        await using var client = RpcConnection.Over(near, framing, new RpcOptions { MessageBytes = 1000 });
        await far.WriteAsync(Encoding.UTF8.GetBytes(begin + new string('x', 2000)), Cancel);
        Assert.Equal("rpc.protocol", (await Assert.ThrowsAsync<RpcException>(() => client.Completion.WaitAsync(Cancel))).Code);
    }

    [Fact]
    public async Task A_peer_that_calls_too_much_at_once_is_told_to_wait()
    {
        var stop = new TaskCompletionSource();
        var (near, far) = await PairAsync();
        await using var server = RpcConnection.Over(far, options: new RpcOptions
        {
            ServedCalls = 2,
            Methods = new RpcMethods().Add("wait", Json.Default.Int32, Json.Default.Int32, async (number, _) =>
            {
                await stop.Task;
                return number;
            }),
        });
        await using var client = RpcConnection.Over(near);
        var calls = Enumerable.Range(1, 3).Select(i => client.CallAsync("wait", i, Json.Default.Int32, Json.Default.Int32, Cancel)).ToList();
        var error = await Assert.ThrowsAsync<RpcException>(() => calls[2]);
        Assert.Equal((-32000, true), (error.RemoteCode, error.IsTransient));
        stop.SetResult();
        Assert.Equal(3, (await Task.WhenAll(calls[..2])).Sum());
    }

    [Fact]
    public async Task It_runs_over_a_websocket_and_a_loss_says_why()
    {
        await using var lab = WebSocketServer.Start(async (connection, ct) =>
        {
            while (await connection.ReceiveAsync(ct) is { } message)
                await connection.SendTextAsync("""{"jsonrpc":"2.0","result":3,"id":""" + System.Text.Json.JsonElement.Parse(message.Text).GetProperty("id") + "}", ct);
        }).Inject(WebSocketFault.Reset() with { AfterReceived = 2 });
        await using var rpc = RpcConnection.Over(await WebSocketClient.ConnectAsync(lab.Url.AbsoluteUri, cancellationToken: Cancel));
        Assert.Equal(3, await rpc.CallAsync("add", new Pair(1, 2), Json.Default.Pair, Json.Default.Int32, Cancel));
        var error = await Assert.ThrowsAsync<RpcException>(() => rpc.CallAsync("add", new Pair(1, 2), Json.Default.Pair, Json.Default.Int32, Cancel));
        Assert.Equal(("rpc.disconnected", lab.Port), (error.Code, error.Endpoint!.Port));
        Assert.Equal("ws.closed_abnormally", Assert.IsType<WebSocketException>(error.InnerException).Code);
    }

    [Fact]
    public async Task Its_end_closes_the_websocket_and_cancels_what_is_served()
    {
        await using var lab = WebSocketServer.Start();
        var rpc = RpcConnection.Over(await WebSocketClient.ConnectAsync(lab.Url.AbsoluteUri, cancellationToken: Cancel));
        await rpc.DisposeAsync();
        await rpc.Completion;
        Assert.Equal(1000, lab.Connections[0].CloseCode);
        await rpc.DisposeAsync();
    }

    [Theory]
    [InlineData("rpc.discover")]
    [InlineData("$/cancelRequest")]
    [InlineData("add")]
    [InlineData("")]
    public void A_name_that_is_taken_or_the_protocols_own_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => Arithmetic.Add(name, Json.Default.Int32, Json.Default.Int32, (number, _) => Task.FromResult(number)));

    [Fact]
    public void Options_are_checked()
    {
        Assert.Contains("RpcOptions.CallTimeout", Assert.Throws<ArgumentOutOfRangeException>(() => new RpcOptions { CallTimeout = TimeSpan.Zero }.Validate()).Message);
        Assert.Contains("RpcOptions.ServedCalls", Assert.Throws<ArgumentOutOfRangeException>(() => new RpcOptions { ServedCalls = 0 }.Validate()).Message);
        Assert.Contains("RpcOptions.MessageBytes", Assert.Throws<ArgumentOutOfRangeException>(() => new RpcOptions { MessageBytes = 1 }.Validate()).Message);
    }

    private static async Task<(Stream Near, Stream Far)> PairAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await near.ConnectAsync(listener.LocalEndPoint!, Cancel);
        var far = await listener.AcceptAsync(Cancel);
        far.NoDelay = true;
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(far, ownsSocket: true));
    }

    private sealed record Pair(int A, int B);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Pair))]
    [JsonSerializable(typeof(int[]))]
    [JsonSerializable(typeof(string))]
    private sealed partial class Json : JsonSerializerContext;
}
