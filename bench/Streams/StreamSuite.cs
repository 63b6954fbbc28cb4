using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>Our readers of streams beside the platform's, over the same bytes, in one process.</summary>
internal static class StreamSuite
{
    private const int Slices = 400;
    private const int QuickSlices = 60;

    public static async Task<int> RunAsync(Settings settings)
    {
        var scenarios = StreamScenarios.All.Where(scenario => scenario.Title.Contains(settings.Only, StringComparison.Ordinal)).ToList();
        foreach (var scenario in scenarios)
        {
            Console.Error.WriteLine($"· {scenario.Title}");
            await scenario.RunAsync(settings.IsQuick ? QuickSlices : Slices);
        }
        Console.WriteLine(settings.AsJson ? Json(scenarios) : Markdown(settings, scenarios));
        if (!settings.IsQuick && settings.Only.Length == 0)
        {
            var path = Path.Combine(Repository.Root, "bench", "results", $"{Today}-sse.md");
            await File.WriteAllTextAsync(path, Markdown(settings, scenarios));
            Console.Error.WriteLine($"written: bench/results/{Path.GetFileName(path)}");
        }
        return 0;
    }

    private static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Markdown(Settings settings, IEnumerable<StreamScenario> scenarios)
    {
        var text = new StringBuilder();
        text.AppendLine($"# Streams, side by side, {Today}").AppendLine();
        text.AppendLine($"`./dev bench sse {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine($"{Machine.Description}. Bodies of 512 KiB from memory; ours through a client and its response, with limits and");
        text.AppendLine($"timeouts on, the platform's readers over the bare stream. After a warm-up {(settings.IsQuick ? QuickSlices : Slices)} slices of one body each, in turn. Speed is ours / it: above 1, ours is");
        text.AppendLine("faster; by the least time of each, which other programs disturb least, and by the median of the ratios within a round.").AppendLine();
        text.AppendLine("| what | reader | speed, least | speed, median | ns/item, least | B/item |").AppendLine("|---|---|---|---|---|---|");
        foreach (var scenario in scenarios)
        {
            var own = scenario.Peers[0];
            foreach (var peer in scenario.Peers)
            {
                var (least, median) = scenario.Speed(own, peer);
                text.AppendLine(CultureInfo.InvariantCulture, $"| {scenario.Title} | {peer.Name} | {least:0.00} | {median:0.00} | {peer.Nanoseconds.Min():0} | {peer.BytesPerItem:0} |");
            }
        }
        return text.ToString();
    }

    private static string Json(IEnumerable<StreamScenario> scenarios) => JsonSerializer.Serialize(new
    {
        machine = Machine.Description,
        scenarios = scenarios.Select(scenario => new
        {
            scenario.Title,
            peers = scenario.Peers.Select(peer => new
            {
                peer.Name,
                speedLeast = scenario.Speed(scenario.Peers[0], peer).Least,
                speedMedian = scenario.Speed(scenario.Peers[0], peer).Median,
                nanosecondsPerItem = peer.Nanoseconds.Min(),
                peer.BytesPerItem,
            }),
        }),
    }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });
}
