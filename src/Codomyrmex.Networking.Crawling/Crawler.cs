using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling;

/// <summary>
/// Visits pages from seeds on along their links, each once, as politely as its options say. One run at a time; everything else is thread-safe.
/// </summary>
/// <remarks>
/// Every request goes through an <see cref="HTTPClient"/>, and so through its egress policy: pages, redirects, robots.txt and sitemaps alike. A redirect is followed like a
/// link: the host it leads to is asked for its robots.txt first, and has its own pace.
/// </remarks>
public sealed class Crawler : IAsyncDisposable
{
    private readonly HTTPClient _client;
    private readonly string _agent;
    private CrawlRun? _run;
    private int _isRunning;

    /// <summary>Makes a crawler.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public Crawler(CrawlerOptions? options = null)
    {
        Options = options ?? CrawlerOptions.Default;
        Options.Validate();
        var http = Options.Http;
        var credential = Options.Identity?.Signature is { } signature ? Credential.WebBotAuth(signature with { ToEveryOrigin = true }) : null;
        _client = new HTTPClient(http with
        {
            UserAgent = Options.Identity?.UserAgent ?? http.UserAgent,
            Credential = credential is null ? http.Credential : http.Credential is null ? credential : http.Credential.And(credential),
            Redirects = RedirectOptions.None,
            Retry = Resilience.RetryOptions.None,
            Limits = http.Limits with { BufferedBytes = Options.Limits.PageBytes, StreamedBytes = Math.Max(http.Limits.StreamedBytes, Options.Limits.PageBytes) },
            // What a host is asked at a time is for Politeness to say; the greeting of a host may come on top.
            Transport = http.Transport with
            {
                Pool = http.Transport.Pool with { MaxConnectionsPerHost = Math.Max(http.Transport.Pool.MaxConnectionsPerHost, Options.Politeness.Concurrency + 1) },
            },
        });
        _agent = Options.Identity?.Name ?? Token(http.UserAgent);
    }

    /// <summary>The settings.</summary>
    public CrawlerOptions Options { get; }

    /// <summary>What the present run has done so far, or the last one did; null before the first.</summary>
    public CrawlStatistics? Statistics => Volatile.Read(ref _run)?.Statistics;

    /// <summary>
    /// Crawls. The sequence ends when nothing is left to visit, or a limit is reached. With a <see cref="CrawlerOptions.StateFile"/> a later run goes on where this one ended, if it
    /// ended before everything was visited; otherwise it visits again what it knows, asking only for what has changed (<see cref="CrawledPage.Change"/>). Where it reaches further than the one
    /// that was finished (seeds, scope, depth), it asks only for what that one left out: <see cref="CrawlStatistics.Kind"/> says which it was.
    /// </summary>
    /// <param name="seeds">Where to begin: absolute http or https URLs. A run that goes on may have none.</param>
    /// <param name="cancellationToken">Ends the run; what is under way is visited by the next one.</param>
    /// <returns>
    /// Pages in the order in which they came. A page counts as visited when the next one is asked for: one in whose handling the process ends, or that the loop is left with, is
    /// fetched and handed over again by a run that goes on; one that was handled never is.
    /// </returns>
    /// <exception cref="ArgumentException">A seed is no such URL.</exception>
    /// <exception cref="InvalidOperationException">A run is under way.</exception>
    /// <exception cref="NetworkException">The state file cannot be used (<c>local.io</c>). What fails at a page is in <see cref="CrawledPage.Error"/>.</exception>
    public IAsyncEnumerable<CrawledPage> RunAsync(IEnumerable<string> seeds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        var urls = new List<string>();
        foreach (var seed in seeds)
        {
            ArgumentNullException.ThrowIfNull(seed, nameof(seeds));
            var url = UrlResolver.Canonical(seed) ?? throw new ArgumentException($"'{Redactor.Redact(seed)}' is no seed: write http://host/path or https://host/path, without a user.", nameof(seeds));
            urls.Add(url);
        }
        return CrawlAsync(urls, cancellationToken, CancellationToken.None);
    }

    /// <summary>Closes the connections. A run that is under way has to be left before.</summary>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    /// <summary>Goes on with one host of a crawl; any number of them at a time. The caller closes each page and disposes of the run.</summary>
    internal CrawlRun Begin(HostPart part, CancellationToken cancellationToken)
    {
        var run = new CrawlRun(Options, _client, _agent, null, part, cancellationToken);
        run.Begin(part);
        return run;
    }

    private async IAsyncEnumerable<CrawledPage> CrawlAsync(
        IReadOnlyList<string> seeds, CancellationToken cancellationToken, [EnumeratorCancellation] CancellationToken enumeration)
    {
        if (Interlocked.Exchange(ref _isRunning, 1) != 0)
            throw new InvalidOperationException("The crawler is running; leave that run first.");
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enumeration);
            using var state = Options.StateFile is { } file ? StateFile.Open(file) : null;
            var run = new CrawlRun(Options, _client, _agent, state, null, either.Token);
            await using var _ = run.ConfigureAwait(false);
            Volatile.Write(ref _run, run);
            run.Begin(seeds);
            await foreach (var page in run.Pages.ConfigureAwait(false))
            {
                yield return page;
                run.Close(page);
            }
            either.Token.ThrowIfCancellationRequested();
            run.Finish();
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }

    private static string Token(string? userAgent)
    {
        var end = userAgent?.AsSpan().IndexOfAny("/ (") ?? 0;
        var token = end < 0 ? userAgent! : userAgent?[..end];
        return string.IsNullOrEmpty(token) ? "*" : token;
    }
}
