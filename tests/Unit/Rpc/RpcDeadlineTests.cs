using System.Diagnostics;
using System.Text;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Rpc.RpcAgents;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>What a call carries beside its parameters: how long it waits, and which span it belongs to.</summary>
public class RpcDeadlineTests
{
    [Fact]
    public async Task A_deadline_goes_out_with_the_call_and_ends_the_method_on_the_far_side()
    {
        var clock = new FakeTimeProvider();
        var left = new TaskCompletionSource();
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Methods(left), Clock = clock });
        var call = """{"jsonrpc":"2.0","id":1,"method":"wait","timeoutMs":3000}""" + "\n";
        await pair.Client.WriteAsync(Encoding.UTF8.GetBytes(call), Cancel);
        while (!left.Task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        using var lines = new StreamReader(pair.Client);
        Assert.Contains("-32802", await lines.ReadLineAsync(Cancel));
    }

    [Fact]
    public async Task What_is_left_of_a_deadline_is_what_the_next_agent_gets()
    {
        var clock = new FakeTimeProvider();
        var seen = new TaskCompletionSource<Deadline>();
        var (first, second) = (StreamPair.Create(), StreamPair.Create());
        await using var last = RpcConnection.Over(second.Server, options: new RpcOptions
        {
            Clock = clock,
            Methods = new RpcMethods().Add("work", AgentJson.Default.Pair, AgentJson.Default.Int32, (_, call, _) =>
            {
                seen.SetResult(call.Deadline);
                return Task.FromResult(1);
            }),
        });
        await using var onward = RpcConnection.Over(second.Client, options: new RpcOptions { Clock = clock });
        await using var middle = RpcConnection.Over(first.Server, options: new RpcOptions
        {
            Clock = clock,
            Methods = new RpcMethods().Add("work", AgentJson.Default.Pair, AgentJson.Default.Int32, async (_, call, ct) =>
            {
                clock.Advance(TimeSpan.FromSeconds(4));
                return await onward.CallAsync("work", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, new RpcCallOptions { Deadline = call.Deadline }, ct);
            }),
        });
        await using var client = RpcConnection.Over(first.Client, options: new RpcOptions { Clock = clock });
        await client.CallAsync("work", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, new RpcCallOptions { Deadline = Deadline.After(TimeSpan.FromSeconds(10), clock) }, Cancel);
        Assert.Equal(TimeSpan.FromSeconds(6), (await seen.Task).Remaining);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_waited_for_no_longer_than_one_that_does_not_answer()
    {
        var clock = new FakeTimeProvider();
        var pair = StreamPair.Create(1024);
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { Clock = clock, CallTimeout = TimeSpan.FromSeconds(5) });
        // The first is stuck halfway, the others wait for their turn behind it.
        var calls = Enumerable.Range(0, 3).Select(_ => client.CallAsync("take", new string('x', 100_000), AgentJson.Default.String, AgentJson.Default.String, cancellationToken: Cancel)).ToList();
        var stream = client.StreamAsync("take", "x", AgentJson.Default.String, AgentJson.Default.String, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var first = stream.MoveNextAsync().AsTask();
        clock.Advance(TimeSpan.FromSeconds(6));
        foreach (var call in (IEnumerable<Task>)[.. calls, first])
        {
            var late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
            Assert.Equal((ErrorCodes.TimeoutTotal, WasSent.Maybe), (late.Code, late.WasSent));
            Assert.Contains("did not take 'take'", late.Message, StringComparison.Ordinal);
        }
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_call_that_was_taken_late_has_no_more_time_for_its_answer_than_is_left()
    {
        var clock = new FakeTimeProvider();
        var pair = StreamPair.Create(1024);
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { Clock = clock, CallTimeout = TimeSpan.FromSeconds(5) });
        var call = client.CallAsync("take", new string('x', 3000), AgentJson.Default.String, AgentJson.Default.String, cancellationToken: Cancel);
        clock.Advance(TimeSpan.FromSeconds(4));
        using var lines = new StreamReader(pair.Server);
        Assert.Contains("take", await lines.ReadLineAsync(Cancel), StringComparison.Ordinal);
        // The call begins to wait for its answer somewhere between two of these steps, for the second that is left.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            if (!call.IsCompleted)
                clock.Advance(TimeSpan.FromMilliseconds(50));
            return call.IsCompleted;
        }, TimeSpan.FromSeconds(10)));
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call);
        Assert.Equal(ErrorCodes.TimeoutTotal, error.Code);
        Assert.InRange(clock.GetUtcNow() - clock.Start, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_deadline_that_has_passed_sends_nothing()
    {
        var clock = new FakeTimeProvider();
        var deadline = Deadline.After(TimeSpan.FromSeconds(1), clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        var pair = StreamPair.Create();
        await using var client = RpcConnection.Over(pair.Client, options: new RpcOptions { Clock = clock });
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() =>
            client.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, new RpcCallOptions { Deadline = deadline }, Cancel));
        Assert.Equal(("timeout.total", WasSent.Never), (error.Code, error.WasSent));
        await client.NotifyAsync("only this", 1, AgentJson.Default.Int32, Cancel);
        using var lines = new StreamReader(pair.Server);
        Assert.Contains("only this", await lines.ReadLineAsync(Cancel));
    }

    [Fact]
    public async Task A_callee_that_gives_up_at_the_deadline_is_a_timeout_here()
    {
        var pair = StreamPair.Create();
        await using var client = RpcConnection.Over(pair.Client);
        var call = client.CallAsync("slow", AgentJson.Default.Int32, Cancel);
        await pair.Server.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32802,\"message\":\"late\"}}\n"u8.ToArray(), Cancel);
        Assert.Equal("timeout.total", (await Assert.ThrowsAsync<NetworkTimeoutException>(() => call)).Code);
    }

    [Fact]
    public async Task A_call_given_up_as_the_model_context_protocol_has_it_is_not_answered()
    {
        var left = new TaskCompletionSource();
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Methods(left), Cancelling = RpcCancelling.ModelContext });
        using var lines = new StreamReader(pair.Client);
        await pair.Client.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"wait\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}\n"u8.ToArray(), Cancel);
        await left.Task.WaitAsync(Cancel);
        await pair.Client.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"add\",\"params\":{\"a\":1,\"b\":2}}\n"u8.ToArray(), Cancel);
        Assert.Equal("""{"jsonrpc":"2.0","id":8,"result":3}""", await lines.ReadLineAsync(Cancel));
    }

    [Fact]
    public async Task Calls_under_way_are_finished_when_the_input_ends_where_that_is_wanted()
    {
        var go = new TaskCompletionSource();
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions
        {
            FinishCalls = true,
            Methods = new RpcMethods().Add("slow", AgentJson.Default.Int32, AgentJson.Default.Int32, async (number, _) =>
            {
                await go.Task;
                return number;
            }),
        });
        await pair.Client.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"slow\",\"params\":[5]}\n"u8.ToArray(), Cancel);
        ((Codomyrmex.Networking.Transport.IHalfClosable)pair.Client).EndSending();
        go.SetResult();
        using var lines = new StreamReader(pair.Client);
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":5}""", await lines.ReadLineAsync(Cancel));
        await server.Completion.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Both_sides_of_a_call_are_spans_of_one_trace()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == NetworkTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var pair = StreamPair.Create();
        await using var server = RpcConnection.Over(pair.Server, options: new RpcOptions { Methods = Methods() });
        await using var client = RpcConnection.Over(pair.Client);
        using var task = new Activity("task").Start();
        await client.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel);
        await Assert.ThrowsAsync<RpcException>(() => client.CallAsync("absent", AgentJson.Default.Int32, Cancel));
        List<Activity> seen;
        lock (spans)
            seen = [.. spans.Where(span => span.TraceId == task.TraceId)];
        var (calling, serving) = (seen.Single(span => span is { Kind: ActivityKind.Client, OperationName: "add" }), seen.Single(span => span.Kind == ActivityKind.Server));
        Assert.Equal((task.SpanId, calling.SpanId), (calling.ParentSpanId, serving.ParentSpanId));
        Assert.Equal(("jsonrpc", "add"), (serving.GetTagItem("rpc.system"), serving.GetTagItem("rpc.method")));
        Assert.Equal("rpc.no_method", seen.Single(span => span.OperationName == "absent").GetTagItem("error.type"));
    }
}
