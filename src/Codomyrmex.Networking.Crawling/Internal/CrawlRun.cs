using System.Buffers.Binary;
using System.Threading.Channels;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>One run of a crawler: what its workers share, what it begins with, and how it hands pages over.</summary>
internal sealed class CrawlRun : IAsyncDisposable
{
    private readonly SeenUrls _seen;
    private readonly ScopeRules _scope;
    private readonly UrlIdentity _identity;
    private readonly Channel<CrawledPage> _pages;
    private readonly CancellationTokenSource _stopping;
    private readonly CancellationTokenRegistration _stopsFrontier;
    private readonly long _startedAt;
    private readonly StateFile? _file;
    private readonly HostPart? _part;
    private Task _work = Task.CompletedTask;

    public CrawlRun(CrawlerOptions options, HTTPClient client, string agent, StateFile? file, HostPart? part, CancellationToken cancellationToken)
    {
        (Options, Client, Agent, _file, _part) = (options, client, agent, file, part);
        var dice = new Dice(options.Seed);
        _seen = new SeenUrls(options.Limits.Urls);
        _scope = new ScopeRules(options.Scope);
        _identity = new UrlIdentity(options.Urls.IgnoreOrder, options.Urls.IgnoredParameters);
        Frontier = new Frontier(options, Counters, dice, part);
        Sieve = new LinkSieve(options, _scope, _seen, Frontier, Counters, _identity, part);
        Sessions = new SessionPool(client, options.Sessions, Counters);
        Greeter = new HostGreeter(options, client, Counters, dice);
        _pages = Channel.CreateBounded<CrawledPage>(new BoundedChannelOptions(options.Concurrency) { SingleReader = true });
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stopsFrontier = _stopping.Token.UnsafeRegister(static frontier => ((Frontier)frontier!).Stop(), Frontier);
        _startedAt = Clock.GetTimestamp();
    }

    public CrawlerOptions Options { get; }

    public TimeProvider Clock => Options.Http.Clock;

    public HTTPClient Client { get; }

    /// <summary>The name that robots.txt and pages are read for.</summary>
    public string Agent { get; }

    /// <summary>Where the crawl is kept; null for nowhere.</summary>
    public IVisitLog? State => _part?.Log ?? _file;

    public Counters Counters { get; } = new();

    public Frontier Frontier { get; }

    public LinkSieve Sieve { get; }

    public ContentIndex Contents { get; } = new();

    public SessionPool Sessions { get; }

    public HostGreeter Greeter { get; }

    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The pages, in the order in which they came.</summary>
    public IAsyncEnumerable<CrawledPage> Pages => _pages.Reader.ReadAllAsync(Stopping);

    /// <summary>What was done so far.</summary>
    public CrawlStatistics Statistics
    {
        get
        {
            var (pending, postponed) = Frontier.Pending;
            return Counters.Snapshot(_seen.Count, pending, postponed, Clock.GetElapsedTime(_startedAt));
        }
    }

    /// <summary>Puts the seeds in, and what an earlier run has left, and sets the workers going.</summary>
    public void Begin(IReadOnlyList<string> seeds)
    {
        // Those of the runs before too: a run that goes on may bring none.
        foreach (var seed in seeds.Concat(_file?.Seeds().Select(url => url.Url) ?? []))
            _scope.AddSeed(seed);
        var visits = new List<Visit>();
        var found = new List<Visit>();
        if (_file is not null)
            TakeUp(_file, seeds, visits, found);
        Begin(seeds, visits, found);
    }

    /// <summary>Goes on with one host of a crawl, and sets the workers going.</summary>
    public void Begin(HostPart part)
    {
        foreach (var seed in part.Seeds)
            _scope.AddSeed(seed);
        var visits = new List<Visit>();
        foreach (var url in part.Known)
            TakeUp(url, visits);
        Frontier.Recall(Frontier.LaneOf(part.Origin), part.Memory);
        Begin([.. part.Seeds.Where(seed => ScopeRules.OriginOf(seed).SequenceEqual(part.Origin))], visits, []);
    }

    /// <summary>Takes in what others have found for the host.</summary>
    public void Offer(IReadOnlyList<StoredUrl> urls) => Frontier.Add([.. urls.Where(url => _seen.Add(url.Key, out _)).Select(VisitOf)]);

    private void Begin(IReadOnlyList<string> seeds, List<Visit> visits, List<Visit> found)
    {
        foreach (var seed in seeds)
        {
            var key = _identity.KeyOf(seed);
            if (_seen.Add(key, out _))
                found.Add(new Visit(seed, key, Frontier.LaneOf(ScopeRules.OriginOf(seed))));
        }
        State?.Add(found, []);
        Frontier.Add([.. found, .. visits]);
        _work = WorkAsync();
    }

    /// <summary>The caller is done with a page: only now is it visited, whatever happens next.</summary>
    public void Close(CrawledPage page)
    {
        State?.Close(page.Visit, page.Outcome, page.Error is null ? page.Status : null, page.Stored, [], []);
        page.Release();
    }

    /// <summary>Hands a page over; waits while the caller has enough.</summary>
    public ValueTask HandAsync(CrawledPage page)
    {
        Counters.Add(page);
        if (Volatile.Read(ref Counters.Bytes) >= Options.Limits.Bytes)
            Frontier.Stop();
        return _pages.Writer.WriteAsync(page, Stopping);
    }

    /// <summary>All pages have been handed over; the crawl is finished where nothing is left.</summary>
    public void Finish()
    {
        if (Frontier.IsExhausted && !Stopping.IsCancellationRequested)
            _file?.Finish();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_pages.Reader.TryRead(out var left))
            left.Release();
        await _stopsFrontier.DisposeAsync().ConfigureAwait(false);
        await Sessions.DisposeAsync().ConfigureAwait(false);
        Frontier.Dispose();
        _stopping.Dispose();
    }

    private void TakeUp(StateFile state, IReadOnlyList<string> seeds, List<Visit> visits, List<Visit> found)
    {
        var wasFinished = state.IsFinished;
        var isWider = wasFinished && (seeds.Any(seed => !state.Knows(_identity.KeyOf(seed))) || state.LeftOut().Exists(Belongs));
        if (isWider)
            state.GoOn();
        else if (wasFinished)
            state.BeginNext();
        var known = state.Load();
        Counters.Kind = isWider ? CrawlRunKind.Widened : wasFinished ? CrawlRunKind.Again : known.Count > 0 ? CrawlRunKind.Resumed : CrawlRunKind.First;
        foreach (var url in known)
        {
            if (url.Outcome != PageOutcome.Outside)
                TakeUp(url, visits);
            else if (Belongs(url))
                Admit(url, found);
            else
                Sieve.AddLeftOut(url.Key);
        }
    }

    private void Admit(StoredUrl url, List<Visit> found)
    {
        _seen.AddKnown(url.Key);
        Counters.Count(ref Counters.Admitted);
        found.Add(VisitOf(url));
    }

    private void TakeUp(StoredUrl known, List<Visit> visits)
    {
        _seen.AddKnown(known.Key);
        if (known is { Outcome: PageOutcome.Visited, Hash: { } hash, Status: 200 })
            Contents.FirstOf(BinaryPrimitives.ReadUInt128BigEndian(hash), known.Url);
        // The scope may have become narrower since; what lies outside of it goes on waiting for a run that wants it.
        if (known.Outcome == PageOutcome.Waiting && Belongs(known))
            visits.Add(VisitOf(known));
    }

    /// <summary>Whether a URL belongs to this run; seeds always do.</summary>
    private bool Belongs(StoredUrl url)
    {
        var origin = ScopeRules.OriginOf(url.Url);
        if (!_scope.HasOrigin(origin) || url.Depth > Options.Limits.Depth)
            return false;
        return url.Kind == VisitKind.Sitemap ? Options.UseSitemaps : url.IsSeed || !_scope.HasPathRules || _scope.HasPath(url.Url, ScopeRules.PathOf(url.Url, origin));
    }

    private Visit VisitOf(StoredUrl url) => new(url.Url, url.Key, Frontier.LaneOf(ScopeRules.OriginOf(url.Url)))
    {
        Kind = url.Kind,
        Depth = url.Depth,
        Chain = url.Chain,
        Redirects = url.Redirects,
        Referrer = url.Referrer,
    };

    private async Task WorkAsync()
    {
        Exception? failure = null;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Options.Concurrency).Select(_ => Task.Run(() => new Visitor(this).WorkAsync()))).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
        }
        _pages.Writer.TryComplete(failure);
    }
}
