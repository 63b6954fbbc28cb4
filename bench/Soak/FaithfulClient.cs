using System.Collections.Concurrent;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Soak;

/// <summary>
/// A client that keeps to the rules: numbers its frames, and sends again what was not answered when a connection has ended. With a window of one it asks and waits; with a larger
/// one it sends while it receives.
/// </summary>
internal sealed class FaithfulClient(long id, int port, bool tls, int window, TlsOptions trust, int seed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Random _random = new(seed);

    public long Id => id;

    /// <summary>The number of the last frame that was answered; they begin with 1.</summary>
    public long Answered { get; private set; }

    public long Connections { get; private set; }

    /// <summary>The ends of connections, by their codes.</summary>
    public ConcurrentDictionary<string, int> Ends { get; } = [];

    /// <summary>What must not happen.</summary>
    public ConcurrentQueue<string> Violations { get; } = [];

    /// <summary>Talks until it is told that it is enough, and then until everything sent is answered or the connection ends.</summary>
    public async Task RunAsync(CancellationToken enough)
    {
        var options = new TCPClientOptions
        {
            Framing = Framing.LengthPrefixed(4),
            UseTls = tls,
            Retry = RetryOptions.None,
            Transport = TransportOptions.Default with { Tls = trust },
        };
        await using var client = new TCPClient("127.0.0.1", port, options);
        while (!enough.IsCancellationRequested)
        {
            try
            {
                var connection = await client.ConnectAsync(CancellationToken.None);
                Connections++;
                await TalkAsync(connection, enough);
                Count(enough.IsCancellationRequested ? "done" : "ended");
            }
            catch (NetworkException error)
            {
                Count(error.Code);
            }
            if (!enough.IsCancellationRequested)
                await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task TalkAsync(TCPConnection connection, CancellationToken enough)
    {
        using var slots = new SemaphoreSlim(window, window);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(enough);
        var sending = SendAsync(connection, slots, over.Token);
        try
        {
            await foreach (var frame in connection.ReceiveAllAsync(CancellationToken.None))
            {
                if (SoakFrame.Read(frame.Span) is not { } read || read != (id, Answered + 1))
                {
                    Violations.Enqueue($"client {id}: an answer of {frame.Length} bytes is not that to {Answered + 1}");
                    connection.Abort();
                    return;
                }
                Answered++;
                slots.Release();
            }
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(TCPConnection connection, SemaphoreSlim slots, CancellationToken over)
    {
        try
        {
            for (var number = Answered + 1; ; number++)
            {
                await slots.WaitAsync(over);
                if (window == 1 || _random.Next(50) == 0)
                    await Task.Delay(_random.Next(1, 8), over);
                var length = _random.Next(20) == 0 ? _random.Next(SoakFrame.Largest) : _random.Next(600);
                var frame = SoakFrame.Make(id, number, length);
                // A send that has begun is not given up: that would break the connection.
                await connection.SendAsync(frame, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            try
            {
                await connection.EndSendingAsync(CancellationToken.None);
            }
            catch (NetworkException)
            {
                // Whoever receives knows.
            }
        }
    }

    private void Count(string end) => Ends.AddOrUpdate(end, 1, static (_, count) => count + 1);
}
