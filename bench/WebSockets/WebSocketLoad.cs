using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>Sends, receives, or goes to and fro for a while, by the path of the URL, and counts.</summary>
internal sealed class WebSocketLoad(IWebSocketWork work, string url, double seconds)
{
    private const int CheckEvery = 64;
    private const int MaxSent = 1 << 30;

    public async Task<Sample> RunAsync()
    {
        var parts = new Uri(url).AbsolutePath.Trim('/').Split('/');
        var size = int.Parse(parts[1], CultureInfo.InvariantCulture);
        await using (work)
        {
            await work.ConnectAsync(url, parts is [.., "deflate"]);
            return parts[0] switch
            {
                "flood" => await MeasureAsync(size, () => ReceiveAsync(size)),
                "sink" => await MeasureAsync(size, () => SendAsync(FrameServer.Payload(size))),
                _ => await EchoAsync(FrameServer.Payload(size)),
            };
        }
    }

    private static async Task<Sample> MeasureAsync(int size, Func<Task<long>> run)
    {
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        var messages = await run();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Sample
        {
            Requests = messages,
            Seconds = elapsed.TotalSeconds,
            CpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            BodyBytes = messages * size,
            Allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated,
        };
    }

    private async Task<long> ReceiveAsync(int size)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        var messages = 0L;
        do
        {
            for (var i = 0; i < (size > 65536 ? 1 : CheckEvery); i++, messages++)
            {
                if (await work.ReceiveAsync() != size)
                    throw new InvalidDataException("A message has the wrong length.");
            }
        }
        while (Stopwatch.GetTimestamp() < end);
        return messages;
    }

    // Timed until the server has said that it has them all.
    private async Task<long> SendAsync(byte[] payload)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        var messages = 0L;
        do
        {
            for (var i = 0; i < (payload.Length > 65536 ? 1 : CheckEvery); i++, messages++)
                await work.SendAsync(payload);
        }
        while (Stopwatch.GetTimestamp() < end && messages < MaxSent);
        await work.SendEndAsync();
        var arrived = long.Parse(await work.ReceiveTextAsync(), CultureInfo.InvariantCulture);
        return arrived == messages ? messages : throw new InvalidDataException($"{messages} messages were sent and {arrived} arrived.");
    }

    private async Task<Sample> EchoAsync(byte[] payload)
    {
        var times = new List<double>(100_000);
        var sample = await MeasureAsync(payload.Length, async () =>
        {
            var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
            long now;
            do
            {
                var start = Stopwatch.GetTimestamp();
                await work.SendAsync(payload);
                await work.ReceiveAsync();
                now = Stopwatch.GetTimestamp();
                times.Add((now - start) * 1e6 / Stopwatch.Frequency);
            }
            while (now < end);
            return times.Count;
        });
        times.Sort();
        return sample with { P50Microseconds = times[times.Count / 2], P99Microseconds = times[times.Count * 99 / 100] };
    }
}
