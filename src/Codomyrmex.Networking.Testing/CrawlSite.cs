using System.Collections.Concurrent;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A site made up for crawlers, on a loopback address: thousands of pages that link to each other, robots.txt, sitemaps, and the traps that real sites have. The same options
/// make the same site. Thread-safe.
/// </summary>
public sealed class CrawlSite : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _hits = new(StringComparer.Ordinal);
    private readonly SitePages _pages;
    private readonly SiteTraps _traps;
    private int _revision;
    private int _notModified;

    private CrawlSite(CrawlSiteOptions options)
    {
        Options = options;
        Server = LoopbackServer.Start(options.Server);
        _pages = new SitePages(options, Server.Url);
        _traps = new SiteTraps(options, _pages);
        Server.Map("GET", "/{**path}", AnswerAsync);
    }

    /// <summary>What it is made of.</summary>
    public CrawlSiteOptions Options { get; }

    /// <summary>The server: for faults, connections and requests.</summary>
    public LoopbackServer Server { get; }

    /// <summary>The first page.</summary>
    public Uri Url => Server.Url;

    /// <summary>How often each target was asked for, as it was sent.</summary>
    public IReadOnlyDictionary<string, int> Hits => _hits;

    /// <summary>Requests that were answered with 304.</summary>
    public int NotModified => Volatile.Read(ref _notModified);

    /// <summary>Which revision of the site is shown: each one changes every tenth ordinary page.</summary>
    public int Revision
    {
        get => Volatile.Read(ref _revision);
        set => Volatile.Write(ref _revision, value);
    }

    /// <summary>Starts a site.</summary>
    /// <param name="options">What it is made of; by default 20,000 pages and the traps.</param>
    public static CrawlSite Start(CrawlSiteOptions? options = null) => new(options ?? new CrawlSiteOptions());

    /// <summary>Forgets what was asked for.</summary>
    public void ClearHits()
    {
        _hits.Clear();
        Volatile.Write(ref _notModified, 0);
    }

    /// <summary>Stops the server.</summary>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private Task AnswerAsync(LoopbackExchange exchange)
    {
        _hits.AddOrUpdate(exchange.Target, 1, static (_, count) => count + 1);
        if (_pages.NumberOf(exchange.Path) is not { } number)
            return Options.Traps ? _traps.AnswerAsync(exchange) : exchange.RespondAsync(404, "nothing here");
        var tag = _pages.Tag(number, Revision);
        if (exchange.Headers["If-None-Match"] == tag)
        {
            Interlocked.Increment(ref _notModified);
            return exchange.RespondAsync(304, headers: [new("ETag", tag)]);
        }
        return exchange.RespondAsync(200, _pages.Render(number, Revision), "text/html; charset=utf-8", [new("ETag", tag)], exchange.Aborted);
    }
}
