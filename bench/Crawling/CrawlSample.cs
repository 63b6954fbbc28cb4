using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Benchmarks.Crawling;

/// <summary>What one crawl took.</summary>
internal sealed record CrawlSample(long Pages, double Seconds, double CpuSeconds, long PeakBytes)
{
    public double PagesPerSecond => Pages / Seconds;

    public double CpuPerThousand => CpuSeconds * 1000 / Pages;
}

[JsonSerializable(typeof(CrawlSample))]
internal sealed partial class CrawlSampleJson : JsonSerializerContext;
