using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>A server comes to its end: every frame that was given to a handler is answered, and what is not answered was not given to any.</summary>
public sealed class DrainingTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    private TCPServerOptions Serving(bool tls) => new()
    {
        Framing = Framing.Lines,
        Tls = tls ? new TlsServerOptions { Certificate = _authority.Issue() } : null,
        SendBufferSize = 32 * 1024,
    };

    private TCPClient ClientOf(TCPServer server) => new("127.0.0.1", server.Port, new TCPClientOptions
    {
        Framing = Framing.Lines,
        UseTls = server.Options.Tls is not null,
        Retry = RetryOptions.None,
        Transport = TransportOptions.Default with { ReceiveBufferSize = 32 * 1024, Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Peers_that_never_stop_sending_get_the_answers_to_all_that_was_taken_and_hold_up_nobody(bool tls)
    {
        var taken = 0;
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                Interlocked.Increment(ref taken);
                await connection.WriteAsync(frame, ct);
            }
        }, Serving(tls));
        var answered = 0;
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var client = ClientOf(server);
            var connection = await client.ConnectAsync(Stop);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var sending = Task.Run(async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                    await connection.WriteAsync(Encoding.ASCII.GetBytes($"{i} {new string('x', 500)}"), CancellationToken.None);
            }, Stop);
            var next = 0;
            await foreach (var answer in connection.ReceiveAllAsync(Stop))
            {
                Assert.StartsWith($"{next++} ", answer.Text());
                Interlocked.Increment(ref answered);
            }
            await enough.CancelAsync();
            await sending;
        }, Stop)).ToArray();
        Becomes(() => server.Connections.Count == 4 && Volatile.Read(ref answered) > 2000, "all of them are served, and busy");
        Assert.Equal(0, await server.StopAsync(Patience, Stop));
        await Task.WhenAll(clients).WaitAsync(Patience);
        Assert.Equal(taken, answered);
    }

    [Fact]
    public async Task A_peer_that_only_listens_holds_up_the_end_for_a_moment_and_is_not_counted_as_broken_off()
    {
        var clock = new FakeTimeProvider();
        await using var server = Echo(Serving(tls: false) with { Clock = clock });
        await using var client = ClientOf(server);
        await client.RequestAsync("hello"u8.ToArray(), Stop);
        var stopping = server.StopAsync(TimeSpan.FromMilliseconds(50), Stop);
        Becomes(() => server.Connections is [{ IsLingering: true }], "everything has been said to it");
        Assert.Null(await client.TryReceiveAsync(Stop));
        Assert.False(stopping.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0, await stopping.WaitAsync(Patience, Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_stalls_and_then_sends_more_gets_the_answers_that_it_had_no_room_for(bool tls)
    {
        var clock = new FakeTimeProvider();
        var answer = new byte[2000];
        answer.AsSpan().Fill((byte)'x');
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                for (var i = 0; i < 100; i++)
                    await connection.WriteAsync(answer, ct);
            }
        }, Serving(tls) with { Clock = clock, SendBufferSize = 256 * 1024 });
        await using var client = ClientOf(server);
        await client.SendAsync("hundred", Stop);
        Becomes(() => server.Connections is [{ BytesReceived: > 0 }], "it was taken");
        var stopping = server.StopAsync(Patience, Stop);
        Becomes(() => server.Connections is [{ IsLingering: true }], "everything has been said to it");
        for (var i = 0; i < 8; i++)
        {
            clock.Advance(TCPConnection.Quiet);
            await client.SendAsync("late", Stop);
        }
        for (var i = 0; i < 100; i++)
            Assert.Equal(answer, (await client.ReceiveAsync(Stop)).ToArray());
        Assert.Null(await client.TryReceiveAsync(Stop));
        await client.DisposeAsync();
        Assert.Equal(0, await stopping.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_frame_that_comes_along_with_the_end_of_the_last_one_is_not_taken()
    {
        var taken = new List<string>();
        var go = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                taken.Add(frame.Text());
                await go.Task;
            }
        }, Serving(tls: false));
        await using var client = ClientOf(server);
        var stream = (await client.ConnectAsync(Stop)).AsStream();
        await stream.WriteAsync("first\n"u8.ToArray(), Stop);
        Becomes(() => taken.Count == 1, "it was taken");
        await stream.WriteAsync("second\nthi"u8.ToArray(), Stop);
        Becomes(() => server.Connections is [{ End.Available: 10 }], "it arrived");
        var stopping = server.StopAsync(Patience, Stop);
        Becomes(() => server.Connections is [{ Draining.IsCancellationRequested: true }], "it is told to come to its end");
        go.SetResult();
        Becomes(() => taken.Count == 2 && server.Connections is [{ BytesReceived: 16 }], "the third has begun");
        await stream.WriteAsync("rd\nfourth\n"u8.ToArray(), Stop);
        Assert.Null(await client.TryReceiveAsync(Stop));
        await client.DisposeAsync();
        Assert.Equal(0, await stopping.WaitAsync(Patience));
        Assert.Equal(["first", "second", "third"], taken);
    }

    [Fact]
    public async Task What_TLS_holds_of_a_record_behind_the_last_frame_is_not_taken_for_a_frame()
    {
        var taken = new List<int>();
        var go = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                taken.Add(frame.Length);
                await go.Task;
            }
        }, Serving(tls: true));
        await using var client = ClientOf(server);
        var stream = (await client.ConnectAsync(Stop)).AsStream();
        await stream.WriteAsync("first\n"u8.ToArray(), Stop);
        Becomes(() => taken.Count == 1, "it was taken");
        await stream.WriteAsync("second\nthird"u8.ToArray(), Stop);
        Becomes(() => server.Connections is [{ End.Available: > 12 }], "it arrived");
        var stopping = server.StopAsync(Patience, Stop);
        Becomes(() => server.Connections is [{ Draining.IsCancellationRequested: true }], "it is told to come to its end");
        go.SetResult();
        // More than can have been under way, and almost as much as there is room for.
        const int Long = (128 * 1024) - 100;
        var more = new byte[Long - 5];
        more.AsSpan().Fill((byte)'d');
        await stream.WriteAsync(more, Stop);
        Becomes(() => server.Connections is [{ BytesReceived: 6 + 7 + Long }], "the third one is long");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"\n{new string('4', 1000)}\n"), Stop);
        Assert.Null(await client.TryReceiveAsync(Stop));
        await client.DisposeAsync();
        Assert.Equal(0, await stopping.WaitAsync(Patience));
        Assert.Equal([5, 6, Long], taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_has_arrived_through_a_stream_that_is_no_socket_is_given_out_too(bool tls)
    {
        var taken = 0;
        var go = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                if (Interlocked.Increment(ref taken) == 1)
                    await go.Task;
                await connection.WriteAsync(frame, ct);
            }
        }, Serving(tls) with { EndPoints = [] });
        await using var client = new TCPClient("127.0.0.1", 1, InMemory(server, new TCPClientOptions
        {
            Framing = Framing.Lines,
            UseTls = tls,
            Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
        }));
        var connection = await client.ConnectAsync(Stop);
        await connection.SendAsync("0", Stop);
        Becomes(() => Volatile.Read(ref taken) == 1, "it was taken");
        for (var i = 1; i < 1000; i++)
            await connection.SendAsync($"{i}", Stop);
        var stopping = server.StopAsync(Patience, Stop);
        go.SetResult();
        var next = 0;
        await foreach (var answer in connection.ReceiveAllAsync(Stop))
            Assert.Equal($"{next++}", answer.Text());
        Assert.Equal(1000, next);
        Assert.Equal(0, await stopping.WaitAsync(Patience));
    }
}
