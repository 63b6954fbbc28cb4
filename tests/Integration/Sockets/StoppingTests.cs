using System.Diagnostics;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Native;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary>Processes that are stopped while they have much to do, peers that are killed, and a system that has nothing left.</summary>
public class StoppingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };
    private static readonly string Soak = Path.Combine(AppContext.BaseDirectory.Replace(Path.Combine("tests", "Integration"), Path.Combine("bench", "Soak"), StringComparison.Ordinal), "Codomyrmex.Networking.Soak");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<ServerProcess> ListenAsync(int port) =>
        ServerProcess.StartAsync(new ServerFolder(), port, CodonetExecutable.Path, "tcp", "listen", $"127.0.0.1:{port}", "--framing", "line", "--echo", "--json");

    private static int FramesTaken(ServerProcess server) => server.Output.Split('\n').Count(static line => line.Contains("\"type\":\"frame\"", StringComparison.Ordinal));

    [Fact]
    public async Task SIGTERM_under_load_answers_every_frame_that_was_taken()
    {
        var port = ServerProcess.FreePort();
        await using var server = await ListenAsync(port);
        var answered = 0;
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var client = new TCPClient("127.0.0.1", port, LineClient);
            var connection = await client.ConnectAsync(Stop);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            // As many as can be printed before the deadline of two seconds on a machine that has much to do.
            using var slots = new SemaphoreSlim(30);
            var sending = Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    await slots.WaitAsync(enough.Token);
                    await connection.SendAsync($"{i}", CancellationToken.None);
                }
            }, Stop);
            var next = 0;
            // Ends as if the peer had ended it, and is not broken.
            await foreach (var answer in connection.ReceiveAllAsync(Stop))
            {
                Assert.Equal($"{next++}", Encoding.ASCII.GetString(answer.Span));
                Interlocked.Increment(ref answered);
                slots.Release();
            }
            await enough.CancelAsync();
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }, Stop)).ToArray();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref answered) > 2000, Patience));
        await server.TerminateAsync(Stop).WaitAsync(Patience, Stop);
        await Task.WhenAll(clients).WaitAsync(Patience, Stop);
        Assert.Equal(FramesTaken(server), answered);
    }

    [Fact]
    public async Task SIGTERM_waits_for_a_frame_that_has_begun_no_longer_than_to_its_deadline()
    {
        var port = ServerProcess.FreePort();
        await using var server = await ListenAsync(port);
        await using var client = await TCPClient.ConnectAsync("127.0.0.1", port, LineClient, Stop);
        var connection = await client.ConnectAsync(Stop);
        Assert.Equal("whole", Encoding.ASCII.GetString(await client.RequestAsync("whole"u8.ToArray(), Stop)));
        await connection.AsStream().WriteAsync("half"u8.ToArray(), Stop);
        var started = Stopwatch.GetTimestamp();
        await server.TerminateAsync(Stop).WaitAsync(Patience, Stop);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(10));
        var error = await Assert.ThrowsAsync<ConnectionException>(async () => await connection.ReceiveAsync(Stop));
        Assert.True(error.Code is "tcp.reset" or "tcp.closed_early", error.Code);
        Assert.Equal(1, FramesTaken(server));
    }

    [Fact]
    public async Task Kill_9_of_many_peers_leaves_nothing_behind_and_the_others_are_served()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                await connection.WriteAsync(frame, ct);
        }, new TCPServerOptions { Framing = Framing.Lines });
        await using var other = new TCPClient("127.0.0.1", server.Port, LineClient);
        Assert.Equal("before", Encoding.ASCII.GetString(await other.RequestAsync("before"u8.ToArray(), Stop)));
        var folder = new ServerFolder();
        // Half of a line, then more and more, without ever reading.
        var script = folder.Write("peers.py", """
            import socket, sys
            peers = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for _ in range(100)]
            for peer in peers[:50]: peer.sendall(b'half')
            ready = socket.create_server(('127.0.0.1', int(sys.argv[2])))
            for peer in peers[50:]: peer.setblocking(False)
            while True:
                for peer in peers[50:]:
                    try: peer.send(b'line\n' * 1000)
                    except BlockingIOError: pass
            """);
        var ready = ServerProcess.FreePort();
        await using (var peers = await ServerProcess.StartAsync(folder, ready, "/usr/bin/python3", script, $"{server.Port}", $"{ready}"))
        {
            Assert.True(SpinWait.SpinUntil(() => server.Connections.Count(static one => one.BytesReceived > 0) == 101, Patience), "all of them are served");
            peers.Kill();
        }
        Assert.True(SpinWait.SpinUntil(() => server.GetStatistics().Open == 1, Patience), $"{server.GetStatistics()}");
        Assert.Equal("after", Encoding.ASCII.GetString(await other.RequestAsync("after"u8.ToArray(), Stop)));
    }

    [Fact]
    public async Task A_server_without_threads_goes_on_with_those_it_has()
    {
        var port = ServerProcess.FreePort();
        // Limits on threads do not hold for root.
        await using var server = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/setpriv", "--reuid=47111", "--regid=47111", "--clear-groups", Soak, "block", $"{port}");
        await using var idle = new TCPClient("127.0.0.1", port, LineClient);
        Assert.Equal("hello", Encoding.ASCII.GetString(await idle.RequestAsync("hello"u8.ToArray(), Stop)));
        var threads = Directory.GetDirectories($"/proc/{server.Id}/task").Length;
        await ToolRun.RunAsync("", "/usr/bin/prlimit", $"--pid={server.Id}", $"--nproc={threads}:{threads}");
        // One may have begun before the limit did.
        threads = Math.Max(threads, Directory.GetDirectories($"/proc/{server.Id}/task").Length);
        // As many handlers hold their threads as there are loops.
        var blocked = new List<Task<byte[]>>();
        var clients = new List<TCPClient>();
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            clients.Add(new TCPClient("127.0.0.1", port, LineClient));
            blocked.Add(clients[i].RequestAsync("block"u8.ToArray(), Stop));
        }
        await using var last = new TCPClient("127.0.0.1", port, LineClient);
        Assert.Equal("go", Encoding.ASCII.GetString(await last.RequestAsync("go"u8.ToArray(), Stop).WaitAsync(Patience, Stop)));
        // One more where one began while they were counted; as many more as handlers are blocked there would be without the limit.
        Assert.InRange(Directory.GetDirectories($"/proc/{server.Id}/task").Length, 1, threads + 1);
        await Task.WhenAll(blocked).WaitAsync(Patience, Stop);
        Assert.Equal("still", Encoding.ASCII.GetString(await idle.RequestAsync("still"u8.ToArray(), Stop).WaitAsync(Patience, Stop)));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Twenty_seconds_of_faults_lose_no_frame_no_socket_and_no_memory()
    {
        Assert.True(File.Exists(Soak), $"There is no {Soak}; ./dev it builds it.");
        using var run = Process.Start(new ProcessStartInfo(Soak, ["run", "20"]) { RedirectStandardOutput = true })!;
        try
        {
            var output = await run.StandardOutput.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromMinutes(3), Stop);
            await run.WaitForExitAsync(Stop);
            Assert.True(run.ExitCode == 0, output);
            TestContext.Current.TestOutputHelper?.WriteLine(output);
        }
        finally
        {
            if (!run.HasExited)
                run.Kill(entireProcessTree: true);
        }
    }
}
