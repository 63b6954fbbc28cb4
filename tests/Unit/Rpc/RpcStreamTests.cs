using System.Text;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Rpc.RpcAgents;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>Streamed answers: backpressure, ends, and what goes wrong in the middle.</summary>
public class RpcStreamTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new("our agents");
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task A_slow_reader_holds_the_method_back_and_memory_stays_bounded()
    {
        var (made, taken) = (0, 0);
        var methods = new RpcMethods().AddStream("count", AgentJson.Default.Int32, AgentJson.Default.String, (_, _, ct) => MakeAsync(ct));
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = methods });
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { StreamWindow = 10_000 });
        await foreach (var item in client.StreamAsync("count", 0, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel))
        {
            // A window of ten items of 1,000 characters, the one that passes it, one that waits at the gate, and credit for half a window under way.
            Assert.InRange(Volatile.Read(ref made) - taken, 0, 20);
            Assert.Equal(1000, item!.Length);
            if (++taken == 1000)
                break;
        }

        async IAsyncEnumerable<string> MakeAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            while (true)
            {
                await Task.Yield();
                ct.ThrowIfCancellationRequested();
                Interlocked.Increment(ref made);
                yield return new string('x', 1000);
            }
        }
    }

    [Theory, MemberData(nameof(RpcAgents.Ways), MemberType = typeof(RpcAgents))]
    public async Task Leaving_the_loop_stops_the_method_on_the_other_side(string way)
    {
        var left = new TaskCompletionSource();
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Methods(left) } });
        await using var _ = server;
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        await foreach (var item in rpc.StreamAsync("count", -1, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel))
        {
            Assert.EndsWith("0", item);
            break;
        }
        await left.Task.WaitAsync(Cancel);
        Assert.Equal(3, await rpc.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel));
    }

    [Theory, MemberData(nameof(RpcAgents.Ways), MemberType = typeof(RpcAgents))]
    public async Task A_peer_that_dies_in_the_middle_is_an_error_and_what_came_counts(string way)
    {
        var left = new TaskCompletionSource();
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Methods(left) } });
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        var items = new List<string?>();
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var item in rpc.StreamAsync("count", -1, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel))
            {
                items.Add(item);
                if (items.Count == 50)
                    await server.DisposeAsync();
            }
        });
        Assert.Equal("rpc.disconnected", error.Code);
        Assert.True(items.Count >= 50);
        await left.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_stream_that_is_silent_for_too_long_is_a_timeout()
    {
        var clock = new FakeTimeProvider();
        var pair = StreamPair.Create();
        var left = new TaskCompletionSource();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Methods(left) });
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { Clock = clock, CallTimeout = TimeSpan.FromSeconds(5) });
        var next = client.StreamAsync("count", 0, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var moving = next.MoveNextAsync().AsTask();
        while (!moving.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal("timeout.total", (await Assert.ThrowsAsync<NetworkTimeoutException>(() => moving)).Code);
        await left.Task.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"items":3}}""", "says that they were 3")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":7}""", "one result, not with a stream")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":4001,"message":"enough"}}""", "enough")]
    public async Task A_stream_that_ends_other_than_it_says_is_an_error(string end, string message)
    {
        var pair = StreamPair.Create();
        await using var client = RpcConnection.Over(pair.Client);
        using var lines = new StreamReader(pair.Server);
        var stream = client.StreamAsync("count", 1, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var moving = stream.MoveNextAsync().AsTask();
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"method":"count","window":262144,"params":[1]}""", await lines.ReadLineAsync(Cancel));
        await pair.Server.WriteAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","method":"$/item","params":{"id":1,"item":"a"}}""" + "\n" + end + "\n"), Cancel);
        Assert.True(await moving);
        Assert.Equal("a", stream.Current);
        Assert.Contains(message, (await Assert.ThrowsAsync<RpcException>(() => stream.MoveNextAsync().AsTask())).Message);
    }

    [Fact]
    public async Task A_peer_that_sends_more_than_the_window_is_stopped()
    {
        var pair = StreamPair.Create();
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { StreamWindow = 10 });
        var stream = client.StreamAsync("count", 1, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var moving = stream.MoveNextAsync().AsTask();
        var item = """{"jsonrpc":"2.0","method":"$/item","params":{"id":1,"item":"0123456789"}}""" + "\n";
        await pair.Server.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(item, 5))), Cancel);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await moving)
                moving = stream.MoveNextAsync().AsTask();
        });
        Assert.Equal("rpc.protocol", error.Code);
        Assert.Contains("more items", error.Message);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"$/item","params":{"id":"1","item":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/item","params":{"id":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/credit","params":{"id":1,"bytes":-1}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/credit","params":[1]}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"add","window":"big"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"add","timeoutMs":-1}""")]
    public async Task Malformed_items_credits_and_limits_end_the_conversation(string line)
    {
        var pair = StreamPair.Create();
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { Methods = Methods() });
        await pair.Server.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), Cancel);
        Assert.Equal("rpc.protocol", (await Assert.ThrowsAsync<RpcException>(() => client.Completion.WaitAsync(Cancel))).Code);
    }

    [Fact]
    public async Task A_plain_call_of_a_streaming_method_and_the_reverse_are_told_so()
    {
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Methods() });
        await using var client = RpcConnection.Over(pair.Client);
        var plain = await Assert.ThrowsAsync<RpcException>(() => client.CallAsync("count", 3, AgentJson.Default.Int32, AgentJson.Default.String, Cancel));
        Assert.Contains("stream", plain.Message);
        var reverse = await Assert.ThrowsAsync<RpcException>(() => client.StreamAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, cancellationToken: Cancel).ToListAsync(Cancel).AsTask());
        Assert.Equal("rpc.protocol", reverse.Code);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
