using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>crawl</c>: the pages of a site, each once, politely.</summary>
internal static class CrawlCommand
{
    public static Command Make() => new("crawl", "URL…", "visit the pages of a site, each once, as its robots.txt allows",
        [CrawlOptions.What, CrawlOptions.How, ConnectionOptions.Way, ConnectionOptions.PublicPermission, ConnectionOptions.Tls, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = int.MaxValue,
        Details =
        [
            "Pages are told as they come. With --json each is a line {\"url\":\"…\",\"status\":200,\"depth\":1,\"referrer\":\"…\",\"redirects\":0,\"contentType\":\"text/html\",\"bytes\":n,\"title\":\"…\",\"links\":n," +
            "\"change\":\"new|changed|unchanged|notModified\",\"duplicateOf\":null,\"softNotFound\":false,\"noIndex\":false,\"elapsedMs\":…}, with error where there is no answer and urls with --links; the " +
            "last line is {\"summary\":{\"run\":\"first|resumed|widened|again\",\"pages\":n,\"failed\":n,\"requests\":n,\"bytes\":n,\"urls\":n,\"pending\":n,\"skipped\":{…},\"elapsedMs\":…}}.",
            "With --state an interrupted crawl goes on where it stopped, however it stopped: a page that was told is not fetched again, but for the last one. After a finished crawl the same command asks only for what has changed; one that " +
            "reaches further (--scope, --include, --depth, more URLs) only for what was left out, and says so.",
            "Without --policy only the public internet is reached, and the hosts of the URLs given.",
        ],
        Examples =
        [
            "crawl https://example.com/ --max-pages 200", "crawl https://example.com/ --state example.db --json", "crawl https://example.com/docs/ --include /docs/ --depth 3",
            "crawl https://example.com/ --scope site --agent ExampleBot --contact https://example.com/bot",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var seeds = run.Arguments.Positionals;
        foreach (var seed in seeds)
        {
            if (!Uri.TryCreate(seed, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
                throw new UsageException($"'{Redactor.Redact(seed)}' is no URL to begin at: write http://host/path or https://host/path, without a user.", seed);
        }
        var settings = CrawlSettings.Read(run, seeds);
        using var deadline = new CancellationTokenSource(run.Arguments.Value(CrawlOptions.Timeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan, run.Context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, run.Context.Interrupted);
        await using var crawler = new Crawler(settings);
        run.Progress = () => $"{crawler.Statistics?.Pages ?? 0} pages were visited{(settings.StateFile is null ? "" : ", and the same command goes on from there")}";
        var view = new CrawlView(run, crawler);
        try
        {
            await foreach (var page in crawler.RunAsync(seeds, either.Token))
                view.Show(page);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !run.Context.Interrupted.IsCancellationRequested && crawler.Statistics is { Pages: > 0 })
        {
            // The time was given to find what can be found in it.
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !run.Context.Interrupted.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTotal,
                Message = $"Nothing was visited within {run.Arguments.Text(CrawlOptions.Timeout)}: {crawler.Statistics?.Pending ?? 0} URLs wait for hosts that have not answered yet.",
                Hint = $"Give it more time (--timeout); 'codonet explain {seeds[0]}' says what is wrong; with --state, a later run goes on.",
                Phase = NetworkPhase.Connect,
            }.ToException(late);
        }
        finally
        {
            view.End();
        }
        if (crawler.Statistics is { Pages: 0, Failed: 0, HostFailure: { } cause })
            throw cause;
        if (crawler.Statistics is { Pages: 0, Failed: 0, Postponed: > 0 } nothing)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TcpUnreachable,
                Message = $"Nothing was visited: the hosts of {nothing.Postponed} URLs did not answer about robots.txt, or asked to be left alone for longer than a crawl waits.",
                Hint = $"'codonet explain {seeds[0]}' says what is wrong; with --state, a later run goes on.",
                Phase = NetworkPhase.Connect,
            }.ToException();
        }
        if (crawler.Statistics is { } statistics)
            CrawlDocument.WriteSummary(run, statistics);
        return ExitCodes.Done;
    }
}
