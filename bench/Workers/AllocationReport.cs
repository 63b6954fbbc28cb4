using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Codomyrmex.Networking.Benchmarks.Http;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>What a worker allocates for a request, by type, from the runtime's random samples (one in 100 KiB allocated).</summary>
internal static class AllocationReport
{
    private const double Seconds = 12;

    public static async Task<int> RunAsync(string worker)
    {
        using var server = await NginxServer.StartAsync();
        var work = HttpWorks.Make(worker);
        await new Load(work, server.Small, 1).RunAsync(2);
        using var listener = new Listener();
        var sample = await new Load(work, server.Small, 1).RunAsync(Seconds);
        Console.WriteLine($"{worker}: {sample.Requests} requests, {sample.AllocatedPerRequest:0} bytes each");
        foreach (var (type, bytes) in listener.Bytes.OrderByDescending(pair => pair.Value).Take(40))
            Console.WriteLine($"{(double)bytes / sample.Requests,8:0}  {type}");
        return 0;
    }

    private sealed class Listener : EventListener
    {
        private const long AllocationSampling = 0x80000000000;
        private const double MeanBytesBetweenSamples = 100 * 1024;

        public ConcurrentDictionary<string, long> Bytes { get; } = new();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
                EnableEvents(eventSource, EventLevel.Informational, (EventKeywords)AllocationSampling);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName != "AllocationSampled")
                return;
            var type = (string)eventData.Payload![eventData.PayloadNames!.IndexOf("TypeName")]!;
            var size = Convert.ToDouble(eventData.Payload[eventData.PayloadNames.IndexOf("ObjectSize")], null);
            // A larger object is likelier to be hit: each sample stands for as many bytes as that chance says.
            var bytes = (long)(size / (1 - Math.Exp(-size / MeanBytesBetweenSamples)));
            Bytes.AddOrUpdate(type, bytes, (_, sum) => sum + bytes);
        }
    }
}
