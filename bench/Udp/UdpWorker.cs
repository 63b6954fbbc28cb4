using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Benchmarks.Udp;

/// <summary>Senders and receivers in .NET, in processes of their own: they print what the peer in C prints.</summary>
internal static class UdpWorker
{
    private const int Bytes = 64;
    private const int Many = 64;

    private static readonly UDPClientOptions Roomy = new() { MaxDatagramBytes = 2048, Transport = TransportOptions.Default with { ReceiveBufferSize = 4 << 20 } };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = double.Parse(arguments[^1], CultureInfo.InvariantCulture);
        if (arguments[0] == "send")
            await SendAsync(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture), seconds);
        else
            await ReceiveAsync(arguments[1], seconds);
        return 0;
    }

    private static async Task SendAsync(string mode, int port, double seconds)
    {
        var data = new byte[Many * Bytes];
        if (mode == "platform")
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            EndPoint to = new IPEndPoint(IPAddress.Loopback, port);
            await CountAsync(seconds, async () =>
            {
                for (var i = 0; i < Many; i++)
                    await socket.SendToAsync(data.AsMemory(0, Bytes), SocketFlags.None, to);
                return Many;
            });
            return;
        }
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", port);
        var batch = new UDPBatch(Many, 2 * Bytes);
        await CountAsync(seconds, mode switch { "one" => OneByOneAsync, "batch" => BatchAsync, "mixed" => MixedAsync, _ => SegmentsAsync });

        async ValueTask<int> OneByOneAsync()
        {
            for (var i = 0; i < Many; i++)
                await client.SendAsync(data.AsMemory(0, Bytes));
            return Many;
        }

        async ValueTask<int> BatchAsync()
        {
            batch.Clear();
            for (var i = 0; i < Many; i++)
                batch.TryAdd(data.AsSpan(0, Bytes));
            await client.SendBatchAsync(batch);
            return Many;
        }

        // Each longer than the one before, and as long on average: nothing that could pass through the kernel as one.
        async ValueTask<int> MixedAsync()
        {
            batch.Clear();
            for (var i = 0; i < Many; i++)
                batch.TryAdd(data.AsSpan(0, Bytes - (Many / 2) + i));
            await client.SendBatchAsync(batch);
            return Many;
        }

        async ValueTask<int> SegmentsAsync()
        {
            await client.SendSegmentsAsync(data, Bytes);
            return Many;
        }
    }

    // Begun anew until the time is over; what is compiled on the way is measured with the rest, as it is in programs that run for seconds.
    private static async Task CountAsync(double seconds, Func<ValueTask<int>> work)
    {
        for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < 0.3;)
            await work();
        long count = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
            count += await work();
        Print(count, clock.Elapsed);
    }

    private static async Task ReceiveAsync(string mode, double seconds)
    {
        if (mode == "platform")
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Console.WriteLine(((IPEndPoint)socket.LocalEndPoint!).Port);
            var buffer = new byte[2048];
            EndPoint any = new IPEndPoint(IPAddress.Any, 0);
            var counter = new Counter(seconds);
            while (counter.Count(1))
                await socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, any);
            return;
        }
        await using var client = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0), Roomy);
        Console.WriteLine(client.Port);
        var own = new Counter(seconds);
        switch (mode)
        {
            case "loop":
                client.ReceiveLoop((_, _, _) => own.Count(1));
                break;
            case "one":
                while (own.Count(1))
                    await client.ReceiveAsync();
                break;
            default:
                var batch = new UDPBatch(Many, 2048);
                while (own.Count(await client.ReceiveBatchAsync(batch)))
                {
                }
                break;
        }
    }

    private static void Print(long count, TimeSpan time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} {time.TotalSeconds}"));

    /// <summary>Counts from a moment behind the first on, when the compiler is done; says when it is over, having printed.</summary>
    private sealed class Counter(double seconds)
    {
        private static readonly TimeSpan Warm = TimeSpan.FromSeconds(0.3);

        private readonly Stopwatch _clock = new();
        private long _count;
        private int _untilLook;
        private bool _isWarm;

        public bool Count(int datagrams)
        {
            if (!_clock.IsRunning)
                _clock.Start();
            _count += datagrams;
            // The time is asked for as often as the peer in C asks.
            if ((_untilLook -= datagrams) > 0)
                return true;
            _untilLook = Many;
            if (!_isWarm && _clock.Elapsed > Warm)
            {
                _isWarm = true;
                _count = 0;
                _clock.Restart();
            }
            if (!_isWarm || _clock.Elapsed.TotalSeconds < seconds)
                return true;
            Print(_count, _clock.Elapsed);
            return false;
        }
    }
}
