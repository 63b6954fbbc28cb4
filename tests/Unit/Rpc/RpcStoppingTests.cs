using System.Net;
using System.Text;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Rpc.RpcAgents;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>A server comes to its end without losing a call, and no address can fill its memory.</summary>
public sealed class RpcStoppingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestCertificateAuthority _authority = new("our agents");
    private readonly TemporaryDirectory _folder = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly TaskCompletionSource _go = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
        _begun.Dispose();
    }

    /// <summary>Those of the others, and one that holds its call until it is let go.</summary>
    private RpcMethods Held() => Methods().Add("hold", AgentJson.Default.String, AgentJson.Default.Int32, async (text, ct) =>
    {
        _begun.Release();
        await _go.Task.WaitAsync(ct);
        return text!.Length;
    });

    private static Task<int> HoldAsync(RpcConnection rpc, string text = "x") => rpc.CallAsync("hold", text, AgentJson.Default.String, AgentJson.Default.Int32, Cancel);

    [Theory, MemberData(nameof(RpcAgents.Ways), MemberType = typeof(RpcAgents))]
    public async Task A_server_that_stops_answers_what_is_under_way_and_tells_its_peers_to_go_elsewhere(string way)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Held() } });
        await using var _ = server;
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        await using var idle = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        await idle.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel);
        var calls = Enumerable.Range(0, 10).Select(_ => HoldAsync(rpc)).ToArray();
        foreach (var call in calls)
            await _begun.WaitAsync(Cancel);
        // More than a window, so that credit has to arrive while the server stops.
        await using var stream = rpc.StreamAsync("count", 500, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());

        var stopping = server.StopAsync(Patience, Cancel);
        await idle.Completion.WaitAsync(Patience, Cancel);
        Assert.True(idle.IsPeerStopping);
        Assert.True(SpinWait.SpinUntil(() => rpc.IsPeerStopping, Patience));
        var refused = await Assert.ThrowsAsync<RpcException>(() => HoldAsync(rpc));
        Assert.Equal(("rpc.stopping", WasSent.Never, true), (refused.Code, refused.WasSent, refused.IsTransient));
        await Assert.ThrowsAnyAsync<NetworkException>(() => RpcConnection.ConnectAsync(server.Address, connect, Cancel));
        Assert.False(stopping.IsCompleted);

        _go.SetResult();
        Assert.All(await Task.WhenAll(calls).WaitAsync(Patience, Cancel), static length => Assert.Equal(1, length));
        var items = 1;
        while (await stream.MoveNextAsync())
            items++;
        Assert.Equal(500, items);
        Assert.Equal(0, await stopping.WaitAsync(Patience, Cancel));
        await rpc.Completion.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task A_call_that_crosses_the_news_is_refused_as_not_served()
    {
        await using var server = RpcServer.Start("tcp://127.0.0.1:0", new RpcServerOptions { Rpc = new RpcOptions { Methods = Held() } });
        await using var client = await Networking.Sockets.TCPClient.ConnectAsync("127.0.0.1", new Uri(server.Address).Port, cancellationToken: Cancel);
        var stream = client.Connection!.AsStream();
        using var lines = new StreamReader(stream);
        await stream.WriteAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"hold","params":["x"]}""" + "\n"), Cancel);
        await _begun.WaitAsync(Cancel);
        var stopping = server.StopAsync(Patience, Cancel);
        Assert.Equal("""{"jsonrpc":"2.0","method":"$/stopping"}""", await lines.ReadLineAsync(Cancel));
        await stream.WriteAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":2,"method":"hold","params":["x"]}""" + "\n"), Cancel);
        Assert.Contains("\"id\":2,\"error\":{\"code\":-32020", await lines.ReadLineAsync(Cancel));
        _go.SetResult();
        Assert.Contains("\"id\":1,\"result\":1", await lines.ReadLineAsync(Cancel));
        Assert.Null(await lines.ReadLineAsync(Cancel));
        Assert.Equal(0, await stopping.WaitAsync(Patience, Cancel));
    }

    [Fact]
    public async Task The_code_of_a_refusal_means_nothing_from_a_peer_that_did_not_say_that_it_stops()
    {
        var pair = StreamPair.Create();
        var methods = new RpcMethods().Add("odd", AgentJson.Default.String, AgentJson.Default.Int32, Task<int> (_, _) => throw new RpcErrorException(-32020, "my own"));
        await using var served = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = methods });
        await using var rpc = RpcConnection.Over(pair.Client);
        var error = await Assert.ThrowsAsync<RpcException>(() => rpc.CallAsync("odd", "x", AgentJson.Default.String, AgentJson.Default.Int32, Cancel));
        Assert.Equal(("rpc.remote", WasSent.Yes), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task What_is_not_answered_before_the_deadline_is_given_up_and_counted()
    {
        var clock = new FakeTimeProvider();
        await using var server = RpcServer.Start("tcp://127.0.0.1:0", new RpcServerOptions { Rpc = new RpcOptions { Methods = Held(), Clock = clock } });
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, cancellationToken: Cancel);
        await using var idle = await RpcConnection.ConnectAsync(server.Address, cancellationToken: Cancel);
        await idle.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel);
        var call = HoldAsync(rpc);
        await _begun.WaitAsync(Cancel);
        var started = clock.GetUtcNow();
        var stopping = server.StopAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.True(SpinWait.SpinUntil(() => { clock.Advance(TimeSpan.FromMilliseconds(100)); return stopping.IsCompleted; }, Patience));
        Assert.Equal(1, await stopping);
        Assert.True(clock.GetUtcNow() - started >= TimeSpan.FromSeconds(30));
        Assert.IsAssignableFrom<NetworkException>(await Record.ExceptionAsync(() => call));
    }

    [Fact]
    public async Task Who_may_not_serve_for_now_turns_calls_away_as_not_served_and_answers_what_is_under_way()
    {
        var mayServe = true;
        var (server, connect) = Start("tcp", _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Held(), MayServe = () => Volatile.Read(ref mayServe) } });
        await using var _ = server;
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        var call = HoldAsync(rpc);
        await _begun.WaitAsync(Cancel);
        Volatile.Write(ref mayServe, false);
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => HoldAsync(rpc));
            Assert.Equal(("rpc.stopping", WasSent.Never, true), (refused.Code, refused.WasSent, refused.IsTransient));
        }
        _go.SetResult();
        Assert.Equal(1, await call.WaitAsync(Patience, Cancel));
        Assert.Equal(0, _begun.CurrentCount);
        Volatile.Write(ref mayServe, true);
        await using var again = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        Assert.Equal(1, await HoldAsync(again));
    }

    [Fact]
    public async Task A_conversation_without_a_server_ends_in_the_same_way()
    {
        var pair = StreamPair.Create();
        await using var served = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Held() });
        await using var rpc = RpcConnection.Over(pair.Client);
        var call = HoldAsync(rpc);
        await _begun.WaitAsync(Cancel);
        var stopping = served.StopAsync(Patience, Cancel);
        Assert.True(SpinWait.SpinUntil(() => rpc.IsPeerStopping, Patience));
        _go.SetResult();
        Assert.Equal(1, await call.WaitAsync(Patience, Cancel));
        Assert.True(await stopping.WaitAsync(Patience, Cancel));
        await rpc.Completion.WaitAsync(Patience, Cancel);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("ws")]
    public async Task One_address_cannot_fill_the_memory_and_others_are_served(string way)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Held(), MessageBytes = 100_000 }, BytesPerAddress = 200_000 });
        await using var _ = server;
        var large = new string('x', 90_000);
        await using var one = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        var held = HoldAsync(one, large);
        await _begun.WaitAsync(Cancel);
        // One more is more than there is room for, whatever connection it comes by.
        await using var two = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        var refused = await Assert.ThrowsAsync<RpcException>(() => HoldAsync(two, large));
        Assert.True(refused.Code is "rpc.disconnected" or "rpc.remote", refused.Code);
        Assert.Equal(3, await one.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel));
        var elsewhere = connect with { Transport = TransportOptions.Default with { BindAddress = IPAddress.Parse("127.0.0.2") } };
        await using var other = await RpcConnection.ConnectAsync(server.Address, elsewhere, Cancel);
        var others = HoldAsync(other, large);
        await _begun.WaitAsync(Cancel);
        _go.SetResult();
        Assert.All(await Task.WhenAll(held, others).WaitAsync(Patience, Cancel), static length => Assert.Equal(90_000, length));
        // All of it came back.
        for (var i = 0; i < 10; i++)
            await HoldWhenThereIsRoomAsync(one, large);
        await one.DisposeAsync();
        await using var next = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        await HoldWhenThereIsRoomAsync(next, large);
    }

    // The answer may be here before the call has given back what it held.
    private static async Task HoldWhenThereIsRoomAsync(RpcConnection rpc, string text)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                Assert.Equal(text.Length, await HoldAsync(rpc, text));
                return;
            }
            catch (RpcException error) when (error.IsTransient && tries < 1000)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public void A_share_that_no_message_fits_into_is_a_wrong_setting() =>
        Assert.Contains("RpcServerOptions.BytesPerAddress", Assert.Throws<ArgumentOutOfRangeException>(() => new RpcServerOptions { BytesPerAddress = 1000 }.Validate()).Message);
}
