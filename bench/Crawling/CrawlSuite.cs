using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Crawling;

/// <summary>Our crawler beside scrapy on the same made-up site, politeness off for both, each crawl in a process of its own.</summary>
internal static class CrawlSuite
{
    private const int Concurrency = 32;
    private const string Ours = "Crawler";
    private const string OursKept = "Crawler, state file";
    private const string Scrapy = "scrapy";
    private const string ScrapyKept = "scrapy, JOBDIR";

    public static async Task<int> RunAsync(Settings settings)
    {
        var pages = settings.IsQuick ? 1_000 : 5_000;
        var rounds = settings.IsQuick ? 1 : Math.Min(settings.Rounds, 3);
        var folder = Directory.CreateTempSubdirectory("codomyrmex-crawl");
        using var site = Process.Start(new ProcessStartInfo("taskset", ["-c", Cores.Server, Environment.ProcessPath!, "crawl-site", pages.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var url = (await site.StandardOutput.ReadLineAsync())!.Trim();
            var python = Programs.Find("/usr/bin/python3") is { } found && Programs.Succeeds(found, "-c", "import scrapy") ? found : null;
            if (python is null)
                await Console.Error.WriteLineAsync("scrapy is missing (apt: python3-scrapy); going on without it.");
            var peers = new List<(string Name, Func<string[]> Command)>
            {
                (Ours, () => [Environment.ProcessPath!, "crawl-worker", url, $"{Concurrency}"]),
                (OursKept, () => [Environment.ProcessPath!, "crawl-worker", url, $"{Concurrency}", Path.Combine(folder.FullName, Path.GetRandomFileName())]),
            };
            if (python is not null)
            {
                var script = Path.Combine(Repository.Root, "bench", "peers", "scrapy_peer.py");
                peers.Add((Scrapy, () => [python, script, url, $"{Concurrency}"]));
                peers.Add((ScrapyKept, () => [python, script, url, $"{Concurrency}", Path.Combine(folder.FullName, Path.GetRandomFileName())]));
            }
            var samples = peers.ToDictionary(peer => peer.Name, _ => new List<CrawlSample>());
            // The site's own code is compiled by the first crawl, which does not count.
            await CrawlAsync(peers[0].Command(), pages);
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < peers.Count; i++)
                {
                    var peer = peers[(i + round) % peers.Count];
                    samples[peer.Name].Add(await CrawlAsync(peer.Command(), pages));
                }
            }
            await ReportAsync(settings, pages, rounds, [.. peers.Select(peer => peer.Name)], samples);
        }
        finally
        {
            site.StandardInput.Close();
            await site.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static async Task<CrawlSample> CrawlAsync(string[] command, int pages)
    {
        using var process = Process.Start(new ProcessStartInfo("taskset", ["-c", Cores.Client, .. command]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var sample = JsonSerializer.Deserialize(output, CrawlSampleJson.Default.CrawlSample)!;
        // Who fetches less is not faster.
        return sample.Pages == pages ? sample : throw new InvalidOperationException($"{string.Join(' ', command)}: {sample.Pages} pages of {pages}.");
    }

    private static async Task ReportAsync(Settings settings, int pages, int rounds, string[] peers, Dictionary<string, List<CrawlSample>> samples)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Crawling, side by side, {DateTime.UtcNow:yyyy-MM-dd}").AppendLine();
        text.AppendLine($"`./dev bench crawl {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Description}. A site of {pages:N0} pages of some 4 KiB with 30 links each; it on core {Cores.Server}, the crawler on core {Cores.Client}, {Concurrency} requests at a time, no politeness, no robots.txt, {rounds} rounds in turn.");
        text.AppendLine("Each crawl is a process of its own, measured from its first request to its end: what the just-in-time compiler takes is in ours. Both find all links of every page and fetch each page once.");
        text.AppendLine("Figures are medians, ratios medians of the ratios within a round: above 1 is better for us.").AppendLine();
        text.AppendLine("| | pages/s | CPU s per 1,000 pages | peak RSS, MB | pages/s, ours / theirs | CPU, theirs / ours |").AppendLine("|---|---|---|---|---|---|");
        foreach (var peer in peers)
        {
            var own = samples[peer is ScrapyKept ? OursKept : Ours];
            var its = samples[peer];
            var isOwn = peer is Ours or OursKept;
            var speed = isOwn ? "" : Statistics.Text(Statistics.MedianRatio([.. own.Select(run => run.PagesPerSecond)], [.. its.Select(run => run.PagesPerSecond)]));
            var cpu = isOwn ? "" : Statistics.Text(Statistics.MedianRatio([.. its.Select(run => run.CpuPerThousand)], [.. own.Select(run => run.CpuPerThousand)]));
            text.AppendLine($"| {peer} | {Statistics.Text(its.Select(run => run.PagesPerSecond).Median())} | {Statistics.Text(its.Select(run => run.CpuPerThousand).Median())} | {Statistics.Text(its.Select(run => run.PeakBytes / 1e6).Median())} | {speed} | {cpu} |");
        }
        Console.WriteLine(text);
        if (!settings.IsQuick && peers.Contains(Scrapy))
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}-crawl.md"), text.ToString());
    }
}
