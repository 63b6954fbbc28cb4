using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>The side-by-side suite: one server, one core for the client, every peer in turn, ratios within the run.</summary>
internal static class HttpSuite
{
    public static async Task<int> RunAsync(Settings settings)
    {
        using var server = await NginxServer.StartAsync();
        await using var peers = new PeerSet(settings.IsQuick ? 2 : 4);
        var scenarios = HttpScenarios.Make(server, peers);
        foreach (var scenario in scenarios.Where(scenario => scenario.Name.Contains(settings.Only, StringComparison.Ordinal)))
        {
            Console.Error.WriteLine($"· {scenario.Title}");
            await scenario.RunAsync(settings);
        }
        ColdStart? coldStart = null;
        if ("cold-start".Contains(settings.Only, StringComparison.Ordinal))
        {
            Console.Error.WriteLine("· cold start");
            (coldStart, var reason) = await ColdStart.RunAsync(server.Small, settings.IsQuick ? 10 : 40);
            if (reason is not null)
                Console.Error.WriteLine($"  {reason}");
        }
        var report = new HttpReport(settings, scenarios, coldStart, peers.Missing);
        Console.WriteLine(settings.AsJson ? report.Json() : report.Markdown());
        if (!settings.IsQuick && settings.Only.Length == 0)
            await SaveAsync(report);
        return 0;
    }

    private static async Task SaveAsync(HttpReport report)
    {
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var path = Path.Combine(Repository.Root, "bench", "results", $"{date}-http.md");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, report.Markdown());
        Console.Error.WriteLine($"written: bench/results/{Path.GetFileName(path)}");
    }
}
