using Codomyrmex.Networking.Crawling.Internal.Storage;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>
/// The links of one page, kept until all of it has been read: only then is it known whether they are followed. Most are known already, so they are kept as characters in one
/// buffer and become strings only where they are new. Used again for each page; not thread-safe.
/// </summary>
internal sealed class FoundLinks(CrawlRun run)
{
    private readonly List<(int Start, int Length, bool IsNoFollow)> _links = [];
    private char[] _characters = new char[4096];
    private int _used;

    /// <summary>What was found and is only to be written down; null where nothing is kept.</summary>
    public List<StoredUrl>? LeftOut { get; } = run.State is null ? null : [];

    /// <summary>Begins a page.</summary>
    public FoundLinks Clear()
    {
        _links.Clear();
        _used = 0;
        return this;
    }

    /// <summary>Takes a link.</summary>
    public static void Take(FoundLinks links, ReadOnlySpan<char> url, LinkKind kind, bool isNoFollow) => links.Add(url, isNoFollow);

    /// <summary>What of the links is to be visited.</summary>
    /// <param name="from">The page.</param>
    /// <param name="reason">Why none is; null where they are.</param>
    public IReadOnlyList<Visit> Settle(Visit from, SkipReason? reason)
    {
        if (reason is { } skipped)
        {
            run.Counters.Skip(skipped, _links.Count);
            return [];
        }
        List<Visit>? found = null;
        foreach (var (start, length, isNoFollow) in _links)
        {
            if (isNoFollow && !run.Options.FollowNoFollow)
                run.Counters.Skip(SkipReason.NoFollow);
            else if (run.Sieve.Consider(_characters.AsSpan(start, length), from, 0, VisitKind.Page, LeftOut) is { } visit)
                (found ??= []).Add(visit);
        }
        return found ?? (IReadOnlyList<Visit>)[];
    }

    private void Add(ReadOnlySpan<char> url, bool isNoFollow)
    {
        if (_links.Count >= run.Options.Limits.LinksPerPage)
        {
            run.Counters.Skip(SkipReason.LinksPerPage);
            return;
        }
        if (_used + url.Length > _characters.Length)
            Array.Resize(ref _characters, Math.Max(_characters.Length * 2, _used + url.Length));
        url.CopyTo(_characters.AsSpan(_used));
        _links.Add((_used, url.Length, isNoFollow));
        _used += url.Length;
    }
}
