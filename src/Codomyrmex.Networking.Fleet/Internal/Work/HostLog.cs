using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Fleet.Internal.Crawls;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>What a run has found out of a host and not yet written down. Safe to share between threads.</summary>
/// <param name="origin">The host.</param>
/// <param name="machine">What people call this machine.</param>
/// <param name="hasFound">Called when a host is met for the first time. Under a lock.</param>
internal sealed class HostLog(string origin, string machine, Action hasFound) : IVisitLog
{
    private const int LongestTitle = 300;
    private const int LongestMessage = 300;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _met = new(StringComparer.Ordinal);
    private List<UrlEntry> _entries = [];
    private List<UrlEntry> _elsewhere = [];
    private CrawledPage? _page;
    private int _pages;

    /// <summary>Pages that are closed.</summary>
    public int Pages
    {
        get
        {
            lock (_lock)
                return _pages;
        }
    }

    /// <summary>URLs of other hosts that wait here.</summary>
    public int Elsewhere
    {
        get
        {
            lock (_lock)
                return _elsewhere.Count;
        }
    }

    /// <summary>A page is about to be closed.</summary>
    public void Expect(CrawledPage page) => _page = page;

    /// <summary>Takes what waits, in the order in which it came.</summary>
    public (List<UrlEntry> Entries, List<UrlEntry> Elsewhere) Take()
    {
        lock (_lock)
        {
            var taken = (_entries, _elsewhere);
            (_entries, _elsewhere) = ([], []);
            return taken;
        }
    }

    public StoredPage? Find(UInt128 key) => null;

    public void Add(IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut)
    {
        lock (_lock)
            AddFound(found);
    }

    public void Forbid(IReadOnlyList<Visit> visits)
    {
        lock (_lock)
            _entries.AddRange(visits.Select(static visit => UrlEntry.Of(visit, PageOutcome.Forbidden)));
    }

    public void Close(Visit visit, PageOutcome outcome, int? status, StoredPage? page, IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut)
    {
        var entry = UrlEntry.Of(visit, outcome);
        if (_page is { } expected && expected.Visit == visit)
        {
            _page = null;
            entry = entry with { Page = EntryOf(expected, page) };
        }
        lock (_lock)
        {
            AddFound(found);
            _entries.Add(entry);
            _pages += entry.Page is null ? 0 : 1;
        }
    }

    private void AddFound(IReadOnlyList<Visit> found)
    {
        foreach (var visit in found)
        {
            var isHere = visit.Lane.Origin == origin;
            (isHere ? _entries : _elsewhere).Add(UrlEntry.Of(visit, PageOutcome.Waiting));
            if (!isHere && _met.Count < CrawlPlan.MostHosts && _met.Add(visit.Lane.Origin))
                hasFound();
        }
    }

    private PageEntry EntryOf(CrawledPage page, StoredPage? stored) => new()
    {
        Status = page.Status,
        ContentType = page.ContentType is { } type ? Shortened(type, LongestTitle) : null,
        Bytes = page.Content.Length,
        Title = page.Title is { } title ? Shortened(title, LongestTitle) : null,
        Links = page.Links.Count,
        DuplicateOf = page.DuplicateOf,
        IsSoftNotFound = page.IsSoftNotFound,
        IsNoIndex = page.IsNoIndex,
        Elapsed = Math.Round(page.Elapsed.TotalMilliseconds, 1),
        Hash = stored?.Hash,
        ErrorCode = page.Error?.Code,
        ErrorMessage = page.Error is { } error ? Shortened(error.Message, LongestMessage) : null,
        Machine = machine,
    };

    private static string Shortened(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
