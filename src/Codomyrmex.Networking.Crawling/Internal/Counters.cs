namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What is counted in a run. Thread-safe.</summary>
internal sealed class Counters
{
    private readonly long[] _skipped = new long[Enum.GetValues<SkipReason>().Length];

    public CrawlRunKind Kind;
    public long Admitted;
    public long Pages;
    public long Failed;
    public long NotModified;
    public long Unchanged;
    public long Changed;
    public long Duplicates;
    public long SoftNotFound;
    public long Requests;
    public long Redirects;
    public long Retries;
    public long SlowDowns;
    public long Timeouts;
    public long Bytes;
    public long Sitemaps;
    public long BrokenSitemaps;
    public long RetiredSessions;

    private NetworkException? _hostFailure;

    /// <summary>Notes what kept a host from being asked for anything; the first one is told.</summary>
    public void Note(NetworkException failure)
    {
        Interlocked.CompareExchange(ref _hostFailure, failure, null);
        if (failure.WasSent == WasSent.Never)
            Count(ref Requests, -1);
    }

    public static void Count(ref long counter, long by = 1) => Interlocked.Add(ref counter, by);

    public void Skip(SkipReason reason, int count = 1) => Interlocked.Add(ref _skipped[(int)reason], count);

    /// <summary>Takes a page in that is handed over.</summary>
    public void Add(CrawledPage page)
    {
        Count(ref Pages);
        if (page.Error is not null)
            Count(ref Failed);
        if (page.DuplicateOf is not null)
            Count(ref Duplicates);
        if (page.IsSoftNotFound)
            Count(ref SoftNotFound);
        if (page.Change == PageChange.NotModified)
            Count(ref NotModified);
        else if (page.Change == PageChange.Unchanged)
            Count(ref Unchanged);
        else if (page.Change == PageChange.Changed)
            Count(ref Changed);
        Count(ref Bytes, page.Content.Length);
    }

    public CrawlStatistics Snapshot(int urls, int pending, int postponed, TimeSpan elapsed) => new()
    {
        Kind = Kind,
        HostFailure = Volatile.Read(ref _hostFailure),
        Admitted = Volatile.Read(ref Admitted),
        Pages = Volatile.Read(ref Pages),
        Failed = Volatile.Read(ref Failed),
        NotModified = Volatile.Read(ref NotModified),
        Unchanged = Volatile.Read(ref Unchanged),
        Changed = Volatile.Read(ref Changed),
        Duplicates = Volatile.Read(ref Duplicates),
        SoftNotFound = Volatile.Read(ref SoftNotFound),
        Requests = Volatile.Read(ref Requests),
        Redirects = Volatile.Read(ref Redirects),
        Retries = Volatile.Read(ref Retries),
        SlowDowns = Volatile.Read(ref SlowDowns),
        Timeouts = Volatile.Read(ref Timeouts),
        Bytes = Volatile.Read(ref Bytes),
        Sitemaps = Volatile.Read(ref Sitemaps),
        BrokenSitemaps = Volatile.Read(ref BrokenSitemaps),
        RetiredSessions = Volatile.Read(ref RetiredSessions),
        Urls = urls,
        Pending = pending,
        Postponed = postponed,
        Skipped = Skipped(),
        Elapsed = elapsed,
    };

    private Dictionary<SkipReason, long> Skipped()
    {
        var skipped = new Dictionary<SkipReason, long>();
        for (var i = 0; i < _skipped.Length; i++)
        {
            if (Interlocked.Read(ref _skipped[i]) is > 0 and var count)
                skipped[(SkipReason)i] = count;
        }
        return skipped;
    }
}
