using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>How long a client waits before it connects again, and what it takes along.</summary>
public class WebSocketBackoffTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waits_double_up_to_the_cap_with_jitter_and_begin_anew_after_a_stable_connection()
    {
        var clock = new RecordingClock();
        var fails = 0;
        var stable = new TaskCompletionSource();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.ReceiveAsync(ct);
            if (connection.Number == 4)
                await stable.Task.WaitAsync(ct);
            connection.Reset();
        });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            Clock = clock,
            PingInterval = Timeout.InfiniteTimeSpan,
            Retry = RetryOptions.None with { Jitter = static () => 1 },
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(6), StableAfter = TimeSpan.FromSeconds(100) },
            Prepare = (request, _) => fails-- > 0 ? throw new NetworkFailure { Code = ErrorCodes.TcpRefused, Message = "Not now.", Phase = NetworkPhase.Connect }.ToException() : new(request),
        }, Cancel);
        fails = 4;
        await ws.SendAsync("dies", Cancel);
        foreach (var milliseconds in (double[])[1250, 2500, 5000, 7500, 7500])
            await clock.PassAsync(TimeSpan.FromMilliseconds(milliseconds), Cancel);
        await server.WaitForConnectionsAsync(2, Cancel);
        while (server.OpenConnectionCount == 0)
            await Task.Yield();

        // Not stable yet: the next wait is as long as the last.
        await ws.SendAsync("dies", Cancel);
        await clock.PassAsync(TimeSpan.FromMilliseconds(7500), Cancel);
        await server.WaitForConnectionsAsync(3, Cancel);

        // The send waits for the connection, so that it is there.
        await ws.SendAsync("", Cancel);
        await clock.PassAsync(TimeSpan.FromMilliseconds(7500), Cancel);
        await server.WaitForConnectionsAsync(4, Cancel);

        // Stable at last.
        await ws.SendAsync("", Cancel);
        clock.Advance(TimeSpan.FromSeconds(100));
        stable.SetResult();
        await clock.PassAsync(TimeSpan.FromMilliseconds(1250), Cancel);
        await server.WaitForConnectionsAsync(5, Cancel);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_accepted_and_had_not_left_goes_out_on_the_next_connection_unless_it_is_compressed(bool compresses)
    {
        var dies = new TaskCompletionSource();
        var got = new TaskCompletionSource<List<int>>();
        var gap = new TaskCompletionSource<WebSocketGap>();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            if (connection.Number == 1)
            {
                await dies.Task.WaitAsync(ct);
                connection.Reset();
                return;
            }
            var numbers = new List<int>();
            while (await connection.ReceiveAsync(ct) is { } message && message.Bytes.Length > 4)
                numbers.Add(BitConverter.ToInt32(message.Bytes.Span));
            got.SetResult(numbers);
            await connection.ReceiveAsync(ct);
        }, new WebSocketServerOptions { Compression = compresses ? new() : null });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            Compression = compresses ? WebSocketCompression.Default : null,
            SendQueue = new SendQueueOptions { Bytes = 64 * 1024, WhenFull = WhenQueueFull.Fail },
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.Zero },
            OnConnected = (setup, _) =>
            {
                if (setup.Gap is { } known)
                    gap.TrySetResult(known);
                return default;
            },
        }, Cancel);
        var (accepted, acceptedBefore) = (0, 0);
        var isStalled = false;
        while (!isStalled)
        {
            var message = new byte[16_000];
            BitConverter.TryWriteBytes(message, accepted + 1);
            try
            {
                await ws.SendBinaryAsync(message, compress: false, Cancel);
                accepted++;
            }
            catch (WebSocketException full) when (full.Code == ErrorCodes.WsQueueFull)
            {
                // Stalled where nothing leaves any more even though the queue is full, and not slow.
                if (await Record.ExceptionAsync(() => ws.FlushAsync(Cancel).WaitAsync(TimeSpan.FromMilliseconds(300), Cancel)) is not TimeoutException)
                    continue;
                isStalled = accepted == acceptedBefore;
                acceptedBefore = accepted;
            }
        }
        dies.SetResult();
        var told = await gap.Task.WaitAsync(Patience, Cancel);
        while (await Record.ExceptionAsync(async () => await ws.SendAsync(new byte[4], Cancel)) is not null)
            await Task.Yield();
        var numbers = await got.Task.WaitAsync(Patience, Cancel);
        var unsent = told.MessagesCarriedOver + told.MessagesLost;
        Assert.InRange(unsent, 1, 5);
        Assert.Equal(compresses ? 0 : unsent, told.MessagesCarriedOver);
        Assert.Equal(Enumerable.Range(accepted - told.MessagesCarriedOver + 1, told.MessagesCarriedOver), numbers);
    }

    /// <summary>Time that passes when the test says so, and a test that knows who waits.</summary>
    private sealed class RecordingClock : FakeTimeProvider
    {
        private readonly List<TimeSpan> _waits = [];
        private readonly SemaphoreSlim _set = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            lock (_waits)
                _waits.Add(dueTime);
            _set.Release();
            return timer;
        }

        /// <summary>Waits until somebody waits so long, and lets the time pass.</summary>
        public async Task PassAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            while (true)
            {
                lock (_waits)
                {
                    if (_waits.Remove(wait))
                        break;
                }
                if (await _set.WaitAsync(Patience, cancellationToken))
                    continue;
                lock (_waits)
                    Assert.Fail($"Nobody waits {wait}; these were waited for: {string.Join(", ", _waits)}.");
            }
            Advance(wait);
        }
    }
}
