using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>Code of others runs on the loop's threads: it may take its time, and it may have much to do.</summary>
public class EventLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TCPServerOptions LineServer = new() { Framing = Framing.Lines };
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Handlers_that_block_their_threads_hold_up_nobody_else()
    {
        using var go = new ManualResetEventSlim();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                if (frame.Span.SequenceEqual("block"u8))
                    go.Wait(ct);
                await connection.SendAsync(frame, ct);
            }
        }, LineServer);
        // More than there are loops, and threads of the pool to begin with.
        var blocked = new List<Task<string>>();
        for (var i = 0; i < 4 * EventLoop.All.Length; i++)
            blocked.Add(Task.Run(() => AskAsync(server, "block"), Stop));
        for (var i = 0; i < 20; i++)
            Assert.Equal($"{i}", await AskAsync(server, $"{i}").WaitAsync(Patience, Stop));
        Assert.DoesNotContain(blocked, static task => task.IsCompleted);
        go.Set();
        foreach (var task in blocked)
            Assert.Equal("block", await task.WaitAsync(Patience, Stop));
    }

    [Fact]
    public async Task A_handler_may_wait_on_its_thread_for_what_the_loop_has_to_bring()
    {
        await using var other = TCPServer.Start(EchoAsync, LineServer);
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                var question = Encoding.UTF8.GetString(frame.Span);
                // What nobody should write, and somebody does.
                await connection.SendAsync(AskAsync(other, question).GetAwaiter().GetResult(), ct);
            }
        }, LineServer);
        var asked = Enumerable.Range(0, 16).Select(i => Task.Run(() => AskAsync(server, $"{i}"), Stop)).ToArray();
        var answers = await Task.WhenAll(asked).WaitAsync(Patience, Stop);
        Assert.Equal(Enumerable.Range(0, 16).Select(static i => $"{i}"), answers);
    }

    [Fact]
    public async Task A_connection_that_never_rests_leaves_the_others_their_turn()
    {
        await using var server = TCPServer.Start(EchoAsync, LineServer);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var floods = Enumerable.Range(0, EventLoop.All.Length).Select(_ => FloodAsync(server, enough.Token)).ToArray();
        for (var i = 0; i < 20; i++)
            Assert.Equal($"{i}", await AskAsync(server, $"{i}").WaitAsync(Patience, Stop));
        await enough.CancelAsync();
        await Task.WhenAll(floods).WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Places_in_the_loop_are_given_again_without_mistaking_one_for_another()
    {
        for (var round = 0; round < 5; round++)
        {
            var server = TCPServer.Start(EchoAsync, LineServer);
            var asked = Enumerable.Range(0, 50).Select(i => Task.Run(() => AskAsync(server, $"{i}"), Stop)).ToArray();
            Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"{i}"), await Task.WhenAll(asked).WaitAsync(Patience, Stop));
            // Twice, as a careful owner does.
            await server.StopAsync(TimeSpan.Zero, Stop);
            await server.DisposeAsync();
        }
    }

    private static async Task EchoAsync(TCPConnection connection, CancellationToken ct)
    {
        await foreach (var frame in connection.ReceiveAllAsync(ct))
            await connection.WriteAsync(frame, ct);
    }

    private static async Task<string> AskAsync(TCPServer server, string question)
    {
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient);
        return Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(question), Stop));
    }

    private static async Task FloodAsync(TCPServer server, CancellationToken enough)
    {
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("flood\n", 10_000)));
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient with { Framing = Framing.Raw });
        var connection = await client.ConnectAsync(Stop);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in connection.ReceiveAllAsync(Stop))
            {
            }
        }, Stop);
        while (!enough.IsCancellationRequested)
            await connection.SendAsync(lines, Stop);
        await connection.EndSendingAsync(Stop);
        await reading;
    }
}
