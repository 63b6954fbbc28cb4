using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Decides of each URL that is found whether it is visited: scope, limits, traps, and whether it is known. Thread-safe.</summary>
internal sealed class LinkSieve(CrawlerOptions options, ScopeRules scope, SeenUrls seen, Frontier frontier, Counters counters, UrlIdentity identity, HostPart? part = null)
{
    private readonly CrawlLimits _limits = options.Limits;
    private readonly SeenUrls _leftOut = new(options.Limits.Urls);
    private readonly SeenUrls _elsewhere = new(options.Limits.Urls);

    /// <summary>Remembers a URL that an earlier run has left out, and that this one leaves out too.</summary>
    public void AddLeftOut(UInt128 key) => _leftOut.AddKnown(key);

    /// <summary>Looks at a URL in its one spelling; null where it is not visited. Making no string for one that is known is what keeps this cheap.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="from">Where it was found.</param>
    /// <param name="redirects">Redirects on the way to it.</param>
    /// <param name="kind">What for.</param>
    /// <param name="leftOut">
    /// Gets what is not visited now and would be by a crawl with other bounds or another robots.txt: where its page is as it was next time, nobody would find it again. Null where
    /// nothing is kept.
    /// </param>
    public Visit? Consider(ReadOnlySpan<char> url, Visit from, int redirects, VisitKind kind, List<StoredUrl>? leftOut)
    {
        // Most links stay on their host.
        var origin = from.Lane.Origin;
        var isHome = url.StartsWith(origin) && (url.Length == origin.Length || url[origin.Length] is '/' or '?');
        var itsOrigin = isHome ? origin : ScopeRules.OriginOf(url);
        var isOutside = !isHome && !scope.HasOrigin(itsOrigin);
        if (url.Length > _limits.UrlLength)
            return Skip(isOutside ? SkipReason.Scope : SkipReason.UrlLength);
        var isRedirect = redirects > 0 && kind == VisitKind.Page;
        var depth = from.Depth + (isRedirect ? 0 : 1);
        if (isOutside || depth > _limits.Depth)
        {
            // It may be found again on a shorter way: so it is not known yet.
            if (leftOut is not null && identity.KeyOf(url) is var left && !seen.Has(left) && _leftOut.Add(left, out _))
                leftOut.Add(new StoredUrl(left, url.ToString(), kind, depth, 0, redirects, from.Url, PageOutcome.Outside));
            return Skip(isOutside ? SkipReason.Scope : SkipReason.Depth);
        }
        var key = identity.KeyOf(url);
        // Whoever has the other host knows what it knows: here it is only not to be told all too often.
        if (part is not null && !itsOrigin.SequenceEqual(part.Origin))
        {
            if (!_elsewhere.Add(key, out var isForgotten) && !isForgotten)
                return null;
        }
        else if (!seen.Add(key, out var isFull))
        {
            return isFull ? Skip(SkipReason.Urls) : null;
        }

        if (kind == VisitKind.Page)
        {
            if (scope.HasPathRules && !scope.HasPath(url, ScopeRules.PathOf(url, itsOrigin)))
            {
                leftOut?.Add(new StoredUrl(key, url.ToString(), kind, depth, 0, redirects, from.Url, PageOutcome.Outside));
                return Skip(SkipReason.Scope);
            }
            if (UrlShape.Repetitions(url) > _limits.Repetitions)
                return Skip(SkipReason.Repetition);
        }
        var chain = !isRedirect && from.Kind == VisitKind.Page && UrlShape.IsSame(from.Url, url) ? from.Chain + 1 : 0;
        if (chain > _limits.Chain)
            return Skip(SkipReason.Chain);
        var lane = isHome ? from.Lane : frontier.LaneOf(itsOrigin);
        var visit = new Visit(url.ToString(), key, lane) { Kind = kind, Depth = depth, Chain = chain, Redirects = redirects, Referrer = from.Url };
        if (kind != VisitKind.Page || lane.Rules is not { } rules || rules.Allows(visit.PathAndQuery))
            return visit;
        leftOut?.Add(StoredUrl.Of(visit) with { Outcome = PageOutcome.Forbidden });
        return Skip(SkipReason.Robots);
    }

    private Visit? Skip(SkipReason reason)
    {
        counters.Skip(reason);
        return null;
    }
}
