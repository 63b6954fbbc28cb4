using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Transfers;

/// <summary>curl into a file in memory, and a program that hashes it where asked. The clock of curl, so that starting it does not count.</summary>
internal sealed class CurlFilePeer(string name, bool hashes) : IPeer
{
    private readonly string _path = TransferSuite.Target("curl");

    public string Name => name;

    public async Task<Sample> RunAsync(string url, int concurrency, double seconds)
    {
        var hash = hashes ? $"; start=$EPOCHREALTIME; openssl dgst -sha256 {_path} >/dev/null; echo $start $EPOCHREALTIME" : "; echo 0 0";
        var (output, cpu) = await Programs.RunOnClientCoreAsync($"{{ curl -s -o {_path} -w '%{{time_total}} %{{size_download}}\\n' {url}{hash}; }}");
        var lines = output.Trim().Split('\n').Select(line => line.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray()).ToList();
        return new Sample
        {
            Requests = 1,
            Seconds = lines[0][0] + (lines[1][1] - lines[1][0]),
            CpuSeconds = cpu,
            BodyBytes = (long)lines[0][1],
        };
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_path);
        return ValueTask.CompletedTask;
    }
}
