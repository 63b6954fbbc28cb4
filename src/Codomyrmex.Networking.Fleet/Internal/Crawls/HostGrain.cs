using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <inheritdoc cref="IHostGrain"/>
/// <remarks>
/// Every change ends with the head: an activation that is no longer the one learns of it then, and whoever asked repeats it elsewhere. What it wrote before that does no harm: a URL is
/// known once, whoever tells of it.
/// </remarks>
[PreferLocalPlacement]
internal sealed class HostGrain(
    [PersistentState("host")] IPersistentState<HostDocument> head,
    [PersistentState("greeting")] IPersistentState<GreetingDocument> greeting,
    IServiceProvider services, TimeProvider clock) : Grain, IHostGrain
{
    private const int Page = 500;

    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly List<int> _pages = [];
    private StoredList<UrlEntry> _urls = null!;
    private int _lastPage;
    private long _waiting;
    private long _failed;
    private long _duplicates;
    private long _softNotFound;
    private long _bytes;
    private bool _isAwake;

    private HostDocument Head => head.State;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _urls = new StoredList<UrlEntry>(services.GetRequiredKeyedService<IGrainStorage>("Default"), this.GetGrainId(), "urls");
        // Many that are told of have no room in the crawl: nothing is written of those.
        if (!head.RecordExists)
            return;
        // Before anything is read that another activation may still write.
        Head.Term++;
        await head.WriteStateAsync(cancellationToken);
        await _urls.LoadAsync();
        for (var number = 0; number < _urls.Count; number++)
        {
            _numbers[_urls[number].Key] = number;
            Count(number);
        }
        _pages.Sort((one, other) => _urls[one].Number.CompareTo(_urls[other].Number));
        _lastPage = _pages.Count == 0 ? 0 : _urls[_pages[^1]].Number;
    }

    public Task<HostOpening> OpenAsync(string machine) => WriteAsync(async () =>
    {
        // A lease may end a little later than the crawl, and nobody would ever take away what is written now.
        if (!head.RecordExists && !await GrainFactory.GetGrain<ICrawlGrain>(HostKey.Read(this.GetPrimaryKeyString()).Crawl).ExistsAsync())
            throw new InvalidOperationException("The crawl is gone.");
        var wasBegun = Head.Openings++ > 0;
        Head.Opening = $"{machine}#{Head.Openings}";
        Head.Commit = 0;
        Head.IsPostponed = false;
        await head.WriteStateAsync();
        return new HostOpening
        {
            Opening = Head.Opening,
            Known = _urls.Count,
            WasBegun = wasBegun,
            Delay = Head.Delay,
            Wait = Head.NotBefore - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            FailuresInARow = Head.FailuresInARow,
            Greeting = greeting.State,
            Outbox = [.. Head.Outbox],
            Totals = Totals(),
        };
    });

    public Task<UrlEntry[]> UrlsAsync(int from) => Task.FromResult(Range(from, Math.Min(_urls.Count, from + Page)));

    public Task<CommitReply> CommitAsync(HostCommit commit) => WriteAsync(async () =>
    {
        // Whoever has begun with the host has written it down: it was forgotten since.
        if (!head.RecordExists)
            return new CommitReply(commit.Known, [], [], Totals());
        var known = _urls.Count;
        if (commit.Opening != Head.Opening)
            // Of a machine whose lease is over: what it found is true all the same.
            Head.Outbox.AddRange(commit.Elsewhere);
        else if (commit.Number > Head.Commit)
            Take(commit);
        // What was found elsewhere first: once a page is done, nobody would find it again.
        if (commit.Elsewhere.Length > 0)
            await head.WriteStateAsync();
        if (commit.Greeting is not null)
        {
            greeting.State = commit.Greeting;
            await greeting.WriteStateAsync();
        }
        var pages = _pages.Count;
        var added = new List<int>();
        foreach (var entry in commit.Entries)
            Take(entry, commit.MostUrls, added);
        await WriteUrlsAsync();
        await head.WriteStateAsync();
        _pages.AddRange(added);
        var news = commit.Known < known ? Range(commit.Known, Math.Min(known, commit.Known + Page)) : [];
        var outbox = commit.IsLast ? Head.Outbox.ToArray() : [];
        if (commit.IsLast && news.Length + outbox.Length == 0)
            _isAwake = false;
        // Those of this commit come last, so that what is told in parts has no gap.
        return new CommitReply(commit.Known + news.Length < known ? commit.Known + news.Length : _urls.Count, news, outbox, Totals());
    });

    public Task<bool> OfferAsync(UrlEntry[] urls, int mostUrls) => WriteAsync(async () =>
    {
        var fresh = urls.Where(url => !_numbers.ContainsKey(url.Key)).DistinctBy(static url => url.Key).ToList();
        if (_urls.Count + fresh.Count > mostUrls)
        {
            var kept = Math.Max(0, mostUrls - _urls.Count);
            Skip(SkipReason.Urls, fresh.Count - kept);
            fresh.RemoveRange(kept, fresh.Count - kept);
        }
        if (fresh.Count == 0)
            return true;
        // Before they are written down: whoever finds nothing to do here has to have seen as many URLs as the crawl is told of now.
        var (crawl, origin) = HostKey.Read(this.GetPrimaryKeyString());
        if (!_isAwake && !await GrainFactory.GetGrain<ICrawlGrain>(crawl).WakeAsync(origin, _urls.Count + fresh.Count))
        {
            DeactivateOnIdle();
            return false;
        }
        _isAwake = true;
        if (!head.RecordExists)
            await head.WriteStateAsync();
        foreach (var url in fresh)
            Add(url);
        await WriteUrlsAsync();
        await head.WriteStateAsync();
        return true;
    });

    public Task ForgetAsync() => WriteAsync(async () =>
    {
        DeactivateOnIdle();
        if (!head.RecordExists)
            return false;
        await _urls.ClearAsync(Head.Documents);
        if (greeting.RecordExists)
            await greeting.ClearStateAsync();
        // Last: it tells that there is more.
        await head.ClearStateAsync();
        return true;
    });

    public Task<UrlEntry[]> PagesAsync(int from) => Task.FromResult<UrlEntry[]>([.. _pages.Skip(from).Take(Page).Select(number => _urls[number])]);

    private UrlEntry[] Range(int from, int to) => [.. Enumerable.Range(from, Math.Max(0, to - from)).Select(number => _urls[number])];

    private void Take(HostCommit commit)
    {
        Head.Commit = commit.Number;
        Head.Counters = Head.Counters.Plus(commit.Counters, 1);
        var delivered = commit.Delivered.ToHashSet();
        Head.Outbox.RemoveAll(url => delivered.Contains(url.Key));
        Head.Outbox.AddRange(commit.Elsewhere);
        (Head.Delay, Head.FailuresInARow, Head.IsPostponed) = (commit.Delay, commit.FailuresInARow, commit.IsPostponed);
        var notBefore = clock.GetUtcNow() + commit.Wait;
        if (notBefore > Head.NotBefore)
            Head.NotBefore = notBefore;
    }

    /// <summary>What waits becomes what it is told of; what is known already stays as it is.</summary>
    private void Take(UrlEntry entry, int mostUrls, List<int> pages)
    {
        if (!_numbers.TryGetValue(entry.Key, out var number))
        {
            // There is always room for what was visited.
            if (entry.IsWaiting && _urls.Count >= mostUrls)
            {
                Skip(SkipReason.Urls, 1);
                return;
            }
            number = Add(entry with { Outcome = (int)PageOutcome.Waiting, Page = null });
        }
        if (entry.IsWaiting || !_urls[number].IsWaiting)
            return;
        _waiting--;
        _urls.Set(number, _urls[number] with { Outcome = entry.Outcome, Page = entry.Page, Number = entry.Page is null ? 0 : ++_lastPage });
        Count(number, pages);
    }

    private int Add(UrlEntry entry)
    {
        _numbers[entry.Key] = _urls.Count;
        _waiting++;
        _urls.Add(entry);
        return _urls.Count - 1;
    }

    private void Count(int number) => Count(number, _pages);

    private void Count(int number, List<int> pages)
    {
        var entry = _urls[number];
        if (entry.IsWaiting)
            _waiting++;
        if (entry.Page is not { } page)
            return;
        pages.Add(number);
        _failed += page.ErrorCode is null ? 0 : 1;
        _duplicates += page.DuplicateOf is null ? 0 : 1;
        _softNotFound += page.IsSoftNotFound ? 1 : 0;
        _bytes += page.Bytes;
    }

    private async Task WriteUrlsAsync()
    {
        if (_urls.GrowsFar)
        {
            Head.Documents = Math.Max(Head.Documents, _urls.Documents);
            await head.WriteStateAsync();
        }
        await _urls.WriteAsync();
    }

    private void Skip(SkipReason reason, int count)
    {
        var skipped = new long[(int)reason + 1];
        skipped[^1] = count;
        Head.Counters = Head.Counters.Plus(new HostCounters { Skipped = skipped }, 1);
    }

    private HostTotals Totals() => new()
    {
        Urls = _urls.Count,
        Pending = _waiting,
        Postponed = Head.IsPostponed ? _waiting : 0,
        Pages = _pages.Count,
        Failed = _failed,
        Duplicates = _duplicates,
        SoftNotFound = _softNotFound,
        Bytes = _bytes,
        Counters = Head.Counters,
    };

    private async Task<T> WriteAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch
        {
            // What is in memory may not be on the disk: whoever asks next reads it anew.
            DeactivateOnIdle();
            throw;
        }
    }
}
