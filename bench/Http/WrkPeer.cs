using System.Globalization;
using System.Text.RegularExpressions;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>wrk: a load generator in C that reads no more of an answer than it must. The ceiling, not a client.</summary>
internal sealed partial class WrkPeer(long bodyBytes) : IPeer
{
    public string Name => "wrk (ceiling)";

    public double ShortestRun => 1;

    public async Task<Sample> RunAsync(string url, int concurrency, double seconds)
    {
        var whole = Math.Max(1, (int)Math.Ceiling(seconds));
        var (output, cpu) = await Programs.RunOnClientCoreAsync(
            string.Create(CultureInfo.InvariantCulture, $"wrk -t1 -c{concurrency} -d{whole}s --latency {url}"));
        var requests = long.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        var took = double.Parse(Requests().Match(output).Groups[2].Value, CultureInfo.InvariantCulture);
        return new Sample
        {
            Requests = requests,
            Seconds = took,
            CpuSeconds = cpu,
            BodyBytes = requests * bodyBytes,
            P50Microseconds = Latency("50%", output),
            P99Microseconds = Latency("99%", output),
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static double? Latency(string percentile, string output)
    {
        var match = Regex.Match(output, $@"{percentile}\s+([\d.]+)(us|ms|s)\b");
        var scale = match.Groups[2].Value switch { "us" => 1, "ms" => 1e3, _ => 1e6 };
        return match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * scale : null;
    }

    [GeneratedRegex(@"(\d+) requests in ([\d.]+)s")]
    private static partial Regex Requests();
}
