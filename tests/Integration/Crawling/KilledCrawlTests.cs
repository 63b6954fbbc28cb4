using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
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

    [Fact]
    public async Task Killed_while_it_reads_sitemaps_a_crawl_loses_none_of_their_pages_and_reads_none_again_that_it_had_read()
    {
        const int Sitemaps = 30;
        const int Each = 40;
        var asked = new ConcurrentDictionary<string, int>();
        Process? victim = null;
        var untilKill = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/robots.txt", exchange => exchange.RespondAsync(200, $"User-agent: *\nAllow: /\n{string.Concat(Enumerable.Range(0, Sitemaps).Select(i => $"Sitemap: {server.Url}map/{i}.xml\n"))}", "text/plain"));
        server.Map("GET", "/{**path}", async exchange =>
        {
            if (!exchange.Path.StartsWith("/map/", StringComparison.Ordinal))
            {
                await exchange.RespondAsync(200, exchange.Path, "text/html");
                return;
            }
            asked.AddOrUpdate(exchange.Path, 1, static (_, count) => count + 1);
            var number = exchange.Path.Split('/', '.')[2];
            var entries = string.Concat(Enumerable.Range(0, Each).Select(i => $"<url><loc>{server.Url}page/{number}-{i}</loc></url>"));
            if (Interlocked.Decrement(ref untilKill) == 0)
            {
                // Half of it is read when the reader is killed.
                var half = await exchange.StartAsync(200, [new("Content-Type", "application/xml")]);
                await half.WriteAsync(Encoding.UTF8.GetBytes($"<urlset>{entries[..(entries.Length / 2)]}"), exchange.Aborted);
                await half.FlushAsync(exchange.Aborted);
                victim!.Kill();
                return;
            }
            await exchange.RespondAsync(200, $"<urlset>{entries}</urlset>", "application/xml");
        });

        var told = new HashSet<string>();
        var kills = 0;
        for (var isDone = false; !isDone;)
        {
            untilKill = kills < 6 ? 5 : int.MaxValue;
            using var crawl = victim = Start(server.Url, sitemaps: true);
            while (await crawl.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                if (!line.EndsWith('}'))
                    continue;
                using var document = JsonDocument.Parse(line);
                if (document.RootElement.TryGetProperty("url", out var url))
                    told.Add(new Uri(url.GetString()!).AbsolutePath);
                else
                    isDone = true;
            }
            await crawl.WaitForExitAsync(Cancel);
            kills += isDone ? 0 : 1;
        }
        Assert.Equal(6, kills);
        Assert.Equal(Sitemaps * Each, told.Count(path => path.StartsWith("/page/", StringComparison.Ordinal)));
        Assert.Equal(Sitemaps, asked.Count);
        // Twice at most those that were under way at a kill: two requests at a time.
        Assert.InRange(asked.Values.Sum(), Sitemaps + kills, Sitemaps + (2 * kills));
    }

    private Process Start(CrawlSite site) => Start(site.Url, sitemaps: false);

    private Process Start(Uri url, bool sitemaps)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(CodonetExecutable.Path,
                ["crawl", url.ToString(), "--state", Path.Combine(_folder.FullName, "crawl.db"), "--json", "--quiet", "--delay", "1ms", "--max-pages", "100000", .. sitemaps ? [] : new[] { "--no-sitemaps" }])
            {
                RedirectStandardOutput = true,
            },
        };
        process.Start();
        return process;
    }
}
