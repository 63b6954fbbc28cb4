using System.Diagnostics;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>Keeps a number of requests under way for a while, and counts.</summary>
internal sealed class Load(IHttpWork work, string url, int concurrency)
{
    private const int KeptLatencies = 1 << 20;
    private static readonly long[] Latencies = new long[KeptLatencies];
    private long _end;
    private int _requests;
    private long _bytes;

    public async Task<Sample> RunAsync(double seconds)
    {
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        _end = start + (long)(seconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(RepeatAsync)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var used = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Sample
        {
            Requests = _requests,
            Seconds = elapsed.TotalSeconds,
            CpuSeconds = used.TotalSeconds,
            BodyBytes = _bytes,
            Allocated = allocated,
            P50Microseconds = Percentile(0.50),
            P99Microseconds = Percentile(0.99),
        };
    }

    private async Task RepeatAsync()
    {
        long now;
        do
        {
            var start = Stopwatch.GetTimestamp();
            var bytes = await work.GetAsync(url);
            now = Stopwatch.GetTimestamp();
            Latencies[(Interlocked.Increment(ref _requests) - 1) & (KeptLatencies - 1)] = now - start;
            Interlocked.Add(ref _bytes, bytes);
        }
        while (now < _end);
    }

    private double Percentile(double share)
    {
        var kept = Latencies.AsSpan(0, Math.Min(_requests, KeptLatencies));
        kept.Sort();
        return kept[(int)((kept.Length - 1) * share)] * 1e6 / Stopwatch.Frequency;
    }
}
