using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 30: forwarding, with a rate.</summary>
public class TCPRelayTests
{
    private static readonly TCPClientOptions Raw = new() { Retry = RetryOptions.None };

    private static TCPServer Forwarder(int port, TaskCompletionSource<(long, long)>? done = null) => TCPServer.Start(async (connection, ct) =>
    {
        await using var upstream = new TCPClient("127.0.0.1", port, Raw);
        var passed = await TCPRelay.RunAsync(connection, await upstream.ConnectAsync(ct), cancellationToken: ct);
        done?.TrySetResult(passed);
    });

    [Fact]
    public async Task Bytes_and_the_end_of_either_side_are_passed_on()
    {
        await using var origin = TCPServer.Start(async (connection, ct) =>
        {
            long count = 0;
            await foreach (var piece in connection.ReceiveAllAsync(ct))
                count += piece.Length;
            await connection.SendAsync($"{count} bytes", ct);
        });
        var done = new TaskCompletionSource<(long, long)>();
        await using var relay = Forwarder(origin.Port, done);
        await using var client = ClientOf(relay, Raw);
        await client.SendAsync(new byte[1_000_000], Stop);
        await client.EndSendingAsync(Stop);
        Assert.Equal("1000000 bytes", (await client.ReceiveAsync(Stop)).Text());
        Assert.Null(await client.TryReceiveAsync(Stop));
        Assert.Equal((1_000_000, 13), await done.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Where_one_side_breaks_the_other_does()
    {
        await using var origin = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(5, stop);
            connection.Reset();
        });
        await using var relay = Forwarder(origin.Port);
        await using var client = ClientOf(relay, Raw with { Reconnect = false });
        await client.SendAsync("hello", Stop);
        await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        Becomes(() => relay.GetStatistics() is { Open: 0, Failed: 1 }, "it is over");
    }

    [Fact]
    public async Task A_direction_is_held_to_its_rate()
    {
        var clock = new FakeTimeProvider();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            var pair = StreamPair.Create();
            await using var far = new TCPClient("x", 1, Raw with { Transport = Raw.Transport with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) } });
            var drained = Task.Run(() => pair.Server.CopyToAsync(Stream.Null, ct), ct);
            await TCPRelay.RunAsync(connection, await far.ConnectAsync(ct), 1000, ct);
            await drained;
        }, new TCPServerOptions { Clock = clock, EndPoints = [] });
        var mine = StreamPair.Create();
        server.Serve(mine.Server);
        await mine.Client.WriteAsync(new byte[3000], Stop);
        Becomes(() => server.Connections is [{ BytesReceived: > 0 }], "it began");
        var started = clock.GetUtcNow();
        ((Networking.Transport.IHalfClosable)mine.Client).EndSending();
        // Three thousand bytes at a thousand a second.
        var seconds = 0.0;
        Becomes(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(20));
            seconds = (clock.GetUtcNow() - started).TotalSeconds;
            Thread.SpinWait(2000);
            return !server.Connections.Any(one => one.IsOpen);
        }, "all was passed on");
        Assert.InRange(seconds, 2.8, 60);
    }

    [Fact]
    public async Task Cancelling_breaks_both()
    {
        using var source = new CancellationTokenSource();
        await using var origin = Echo();
        var relaying = new TaskCompletionSource<Task>();
        await using var relay = TCPServer.Start(async (connection, ct) =>
        {
            await using var upstream = new TCPClient("127.0.0.1", origin.Port, Raw);
            var run = TCPRelay.RunAsync(connection, await upstream.ConnectAsync(ct), cancellationToken: source.Token);
            relaying.SetResult(run);
            await run;
        });
        await using var client = ClientOf(relay, Raw with { Reconnect = false });
        Assert.Equal("x", Encoding.UTF8.GetString(await client.RequestAsync("x"u8.ToArray(), Stop)));
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await await relaying.Task);
        Assert.Equal(source.Token, error.CancellationToken);
        await Assert.ThrowsAsync<ConnectionException>(async () => await client.ReceiveAsync(Stop));
    }
}
