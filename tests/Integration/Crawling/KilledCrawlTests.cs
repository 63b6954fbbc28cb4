using System.Diagnostics;
using System.Text.Json;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Native;

namespace Codomyrmex.Networking.Tests.Integration.Crawling;

/// <summary><c>kill -9</c> of <c>codonet crawl --state</c> again and again: no page lost, and none that was told fetched again.</summary>
public sealed class KilledCrawlTests : IDisposable
{
    private const int Pages = 600;
    private const int Kills = 8;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codonet-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_again_and_again_a_crawl_loses_no_page_and_fetches_none_twice_that_was_handled()
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = Pages, Traps = false, Orphans = 0 });
        var handled = new HashSet<string>();
        var everTold = new List<string>();
        var requests = 0;
        var runs = 0;
        for (var isDone = false; !isDone; runs++)
        {
            Assert.InRange(runs, 0, Kills);
            site.ClearHits();
            using var crawl = Start(site);
            var told = new List<string>();
            // Killed in the middle of its work: while this reads its lines, it goes on fetching.
            var killAfter = runs < Kills ? 40 + (7 * runs) : int.MaxValue;
            while (await crawl.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                using var document = JsonDocument.Parse(line);
                if (!document.RootElement.TryGetProperty("url", out var url))
                {
                    isDone = true;
                    Assert.Equal(0, document.RootElement.GetProperty("summary").GetProperty("pending").GetInt32());
                    continue;
                }
                told.Add(new Uri(url.GetString()!).AbsolutePath);
                if (told.Count == killAfter)
                {
                    crawl.Kill(); // SIGKILL
                    break;
                }
            }
            // What it had told before it died, and nobody has read yet.
            while (!isDone && await crawl.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                if (line.EndsWith('}') && line.StartsWith("{\"url\"", StringComparison.Ordinal))
                    told.Add(new Uri(JsonDocument.Parse(line).RootElement.GetProperty("url").GetString()!).AbsolutePath);
            }
            await crawl.WaitForExitAsync(Cancel);
            Assert.Equal(isDone ? 0 : 137, crawl.ExitCode);

            Assert.DoesNotContain(site.Hits.Keys, handled.Contains);
            requests += site.Hits.Values.Sum();
            everTold.AddRange(told);
            // The last line may be of a page whose handling was cut off before its commit, or just after it.
            handled.UnionWith(isDone ? told : told.SkipLast(1));
        }
        Assert.Equal(Pages, everTold.Distinct().Count());
        Assert.InRange(everTold.Count, Pages, Pages + runs);
        Assert.True(runs > 3, $"{runs} runs");
        // Twice are only those that were on their way, or waited to be told: two requests at a time, and what the crawler holds ready.
        Assert.InRange(requests, Pages, Pages + (runs * 40));
    }

    private Process Start(CrawlSite site)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(CodonetExecutable.Path,
                ["crawl", site.Url.ToString(), "--state", Path.Combine(_folder.FullName, "crawl.db"), "--json", "--quiet", "--delay", "1ms", "--no-sitemaps", "--max-pages", "100000"])
            {
                RedirectStandardOutput = true,
            },
        };
        process.Start();
        return process;
    }
}
