using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>curl, several downloads over one connection; its own clock, so that starting the program does not count.</summary>
internal sealed class CurlPeer : IPeer
{
    private const int Downloads = 8;

    public string Name => "curl -o /dev/null";

    public async Task<Sample> RunAsync(string url, int concurrency, double seconds)
    {
        var targets = string.Join(' ', Enumerable.Repeat($"-o /dev/null {url}", Downloads));
        var (output, cpu) = await Programs.RunOnClientCoreAsync($"curl -s -w '%{{time_total}} %{{size_download}}\\n' {targets}");
        var lines = output.Trim().Split('\n').Select(line => line.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray()).ToList();
        return new Sample
        {
            Requests = lines.Count,
            Seconds = lines.Sum(line => line[0]),
            CpuSeconds = cpu,
            BodyBytes = (long)lines.Sum(line => line[1]),
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
