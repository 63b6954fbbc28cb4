using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using StreamJsonRpc;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary><see cref="RpcConnection"/> beside the JSON-RPC of Visual Studio, each calling the other.</summary>
public class StreamJsonRpcTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_call_each_other_over_lines()
    {
        var (near, far) = await PairAsync();
        using var theirs = Serve(new NewLineDelimitedMessageHandler(far, far, new SystemTextJsonFormatter()));
        await using var ours = RpcConnection.Over(near, RpcFraming.Lines, Methods);
        await CallEachOtherAsync(ours, theirs);
    }

    [Fact]
    public async Task They_call_each_other_over_the_framing_of_language_servers()
    {
        var (near, far) = await PairAsync();
        using var theirs = Serve(new HeaderDelimitedMessageHandler(far, far, new SystemTextJsonFormatter()));
        await using var ours = RpcConnection.Over(near, RpcFraming.ContentLength, Methods);
        await CallEachOtherAsync(ours, theirs);
    }

    [Fact]
    public async Task They_call_each_other_over_a_websocket()
    {
        var serving = new TaskCompletionSource<JsonRpc>();
        await using var server = LoopbackServer.Start().Map("GET", "/rpc", async exchange =>
        {
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(exchange.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            var stream = await exchange.UpgradeAsync("websocket", [new("Sec-WebSocket-Accept", accept)], exchange.Aborted);
            using var socket = System.Net.WebSockets.WebSocket.CreateFromStream(stream, isServer: true, null, Timeout.InfiniteTimeSpan);
            using var theirs = Serve(new WebSocketMessageHandler(socket, new SystemTextJsonFormatter()));
            serving.SetResult(theirs);
            await theirs.Completion.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        });
        await using var ours = RpcConnection.Over(await WebSocketClient.ConnectAsync($"ws://{server.Url.Authority}/rpc", cancellationToken: Cancel), Methods);
        await CallEachOtherAsync(ours, await serving.Task.WaitAsync(Cancel));
    }

    private static RpcOptions Methods => new() { Methods = new RpcMethods().Add<Pair, int>("multiply", (pair, _) => Task.FromResult(pair!.A * pair.B)) };

    private static JsonRpc Serve(IJsonRpcMessageHandler handler)
    {
        var rpc = new JsonRpc(handler);
        rpc.AddLocalRpcMethod("add", (int a, int b) => a + b);
        rpc.AddLocalRpcMethod("fail", int () => throw new LocalRpcException("not today") { ErrorCode = 4001, ErrorData = "why" });
        rpc.AddLocalRpcMethod("wait", async (CancellationToken cancellationToken) => await Task.Delay(Timeout.Infinite, cancellationToken));
        rpc.StartListening();
        return rpc;
    }

    private static async Task CallEachOtherAsync(RpcConnection ours, JsonRpc theirs)
    {
        Assert.Equal(3, await ours.CallAsync<int>("add", new { a = 1, b = 2 }, Cancel));
        Assert.Equal(7, await ours.CallAsync<int>("add", new[] { 3, 4 }, Cancel));
        var error = await Assert.ThrowsAsync<RpcException>(() => ours.CallAsync<int>("fail", cancellationToken: Cancel));
        Assert.Equal(("rpc.remote", 4001, "\"why\""), (error.Code, error.RemoteCode, error.RemoteData));
        Assert.Equal("rpc.no_method", (await Assert.ThrowsAsync<RpcException>(() => ours.CallAsync<int>("absent", cancellationToken: Cancel))).Code);
        using var stop = new CancellationTokenSource();
        var waiting = ours.CallAsync<int>("wait", cancellationToken: stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Assert.Equal(12, await theirs.InvokeWithParameterObjectAsync<int>("multiply", new { a = 3, b = 4 }, Cancel));
        Assert.Equal(30, await theirs.InvokeWithCancellationAsync<int>("multiply", [new { a = 5, b = 6 }], Cancel));
        await Assert.ThrowsAsync<RemoteMethodNotFoundException>(() => theirs.InvokeWithCancellationAsync<int>("absent", [], Cancel));
    }

    private static async Task<(Stream Near, Stream Far)> PairAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!, Cancel);
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(await listener.AcceptAsync(Cancel), ownsSocket: true));
    }

    private sealed record Pair(int A, int B);
}
