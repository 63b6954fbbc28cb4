using System.Globalization;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>A server that dies a thousand times, in all the ways there are, under a client that reconnects with hundreds of messages in flight.</summary>
public class WebSocketSoakTests
{
    private const int Deaths = 1000;
    private const int InFlight = 300;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_dies_a_thousand_times_costs_no_message_repeats_none_and_leaves_nothing_behind()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(100));
        var stop = patience.Token;
        var session = new DyingServer(Deaths, seed: 11);
        await using var server = WebSocketServer.Start(session.ServeAsync, new WebSocketServerOptions { RecordedConnections = 5, RecordedFrames = 5 });
        var connections = new List<WeakReference>();
        var (accepted, confirmed, seen, set) = (0, 0, 0, 0);
        var isBusy = false;
        var more = new SemaphoreSlim(InFlight);

        var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            PingInterval = TimeSpan.FromMilliseconds(50),
            PongTimeout = TimeSpan.FromMilliseconds(150),
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.Zero, StableAfter = TimeSpan.Zero },
            OnConnected = SetUpAsync,
        }, stop);
        var sending = Task.Run(SendAsync, stop);
        while (session.Died < Deaths || !sending.IsCompleted || seen < session.Sent || session.Has < accepted)
        {
            var text = (await ws.ReceiveAsync(stop))!.Value.Text.Split(' ');
            // Each is the one after the last, whichever connection it came over.
            Assert.Equal(seen + 1, Number(text[0]));
            seen++;
            var has = Number(text[1]);
            if (has > confirmed)
            {
                more.Release(has - confirmed);
                confirmed = has;
            }
        }
        await sending;
        Assert.Empty(session.Wrong);
        Assert.Equal((accepted, accepted), (session.Has, session.Sent));
        Assert.Empty(server.Violations);
        Assert.Empty(server.Failures);

        // Of all the connections, the last are still known while the client lives, and no timer, task or registration keeps another.
        Collect();
        Assert.InRange(connections.Count(static connection => connection.IsAlive), 0, 5);
        await ws.DisposeAsync();
        while (server.OpenConnectionCount > 0 || SocketsTo(server.Port) > 0)
            await Task.Yield();

        async Task SendAsync()
        {
            while (session.Died < Deaths || accepted < Deaths)
            {
                await more.WaitAsync(stop);
                Volatile.Write(ref isBusy, true);
                var sent = ws.SendAsync($"{accepted + 1}", stop);
                if (sent.IsCompleted)
                    accepted++;
                Volatile.Write(ref isBusy, false);
                if (sent.IsCompleted)
                {
                    await sent;
                    continue;
                }
                // It waits for the next connection: not accepted before that is set up.
                await sent;
                accepted++;
            }
        }

        async ValueTask SetUpAsync(WebSocketSetup setup, CancellationToken cancellationToken)
        {
            connections.Add(new WeakReference(setup));
            while (Volatile.Read(ref isBusy))
                await Task.Yield();
            // Of what came, one message a connection was for this method.
            var got = setup.Gap is { } gap ? (int)gap.MessagesReceived - set : 0;
            await setup.SendAsync($"hello {got}", cancellationToken);
            var has = Number((await setup.ReceiveAsync(cancellationToken)).Text["have ".Length..]);
            for (var lost = has + 1; lost <= accepted - (setup.Gap?.MessagesCarriedOver ?? 0); lost++)
                await setup.SendAsync($"{lost}", cancellationToken);
            set++;
        }
    }

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>How many sockets of the system's still lie on a port, but for the listener.</summary>
    private static int SocketsTo(int port)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var ending = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return File.ReadLines("/proc/self/net/tcp").Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => (fields[1].EndsWith(ending, StringComparison.Ordinal) || fields[2].EndsWith(ending, StringComparison.Ordinal)) && fields[3] != "0A" && fields[9] != "0");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
