using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Http;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Workers;

namespace Codomyrmex.Networking.Benchmarks.Transfers;

/// <summary>Downloads into a file in memory: this library and curl in turn, from one nginx, each on one core.</summary>
internal static class TransferSuite
{
    public const string Curl = "curl -o FILE";
    public const string CurlHashed = "curl -o FILE; openssl dgst -sha256 FILE";
    private const int Bytes = 512 * 1024 * 1024;
    private const int QuickBytes = 64 * 1024 * 1024;

    /// <summary>The file that a client of this process writes.</summary>
    public static string Target(string client) =>
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"codomyrmex-bench-{client}-{Environment.ProcessId}.bin");

    public static async Task<int> RunAsync(Settings settings)
    {
        var bytes = settings.IsQuick ? QuickBytes : Bytes;
        using var server = await NginxServer.StartAsync(bytes);
        await using var peers = new PeerSet(1);
        await using var curl = new CurlFilePeer(Curl, hashes: false);
        await using var curlHashed = new CurlFilePeer(CurlHashed, hashes: true);
        var scenario = new Scenario("download", $"Download of {bytes >> 20} MiB into a file in memory", server.Large, 1, bytes,
            [curl, curlHashed, .. peers.Own(HttpWorks.OwnFilePlain, HttpWorks.OwnFile, HttpWorks.OwnFileParallel)]);
        // One download a round: a long one keeps what else the machine does out of it least.
        await scenario.RunAsync(settings with { Seconds = 0.01 });
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Target(""))!, "codomyrmex-bench-own-*.bin"))
            File.Delete(file);
        var report = TransferReport.Markdown(settings, scenario);
        Console.WriteLine(report);
        if (!settings.IsQuick)
        {
            var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var path = Path.Combine(Repository.Root, "bench", "results", $"{date}-transfers.md");
            await File.WriteAllTextAsync(path, report);
            Console.Error.WriteLine($"written: bench/results/{Path.GetFileName(path)}");
        }
        return 0;
    }
}
