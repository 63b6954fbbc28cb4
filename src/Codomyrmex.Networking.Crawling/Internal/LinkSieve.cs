using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Decides of each URL that is found whether it is visited: scope, limits, traps, and whether it is known. Thread-safe.</summary>
internal sealed class LinkSieve(CrawlerOptions options, ScopeRules scope, SeenUrls seen, Frontier frontier, Counters counters, UrlIdentity identity)
{
    private readonly CrawlLimits _limits = options.Limits;

    /// <summary>Looks at a URL in its one spelling; null where it is not visited. Making no string for one that is known is what keeps this cheap.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="from">Where it was found.</param>
    /// <param name="redirects">Redirects on the way to it.</param>
    /// <param name="kind">What for.</param>
    public Visit? Consider(ReadOnlySpan<char> url, Visit from, int redirects, VisitKind kind = VisitKind.Page)
    {
        // Most links stay on their host.
        var origin = from.Lane.Origin;
        var isHome = url.StartsWith(origin) && (url.Length == origin.Length || url[origin.Length] is '/' or '?');
        var itsOrigin = isHome ? origin : ScopeRules.OriginOf(url);
        if (!isHome && !scope.HasOrigin(itsOrigin))
            return Skip(SkipReason.Scope);
        if (url.Length > _limits.UrlLength)
            return Skip(SkipReason.UrlLength);
        var isRedirect = redirects > 0 && kind == VisitKind.Page;
        var depth = from.Depth + (isRedirect ? 0 : 1);
        if (depth > _limits.Depth)
            return Skip(SkipReason.Depth);
        var key = identity.KeyOf(url);
        if (!seen.Add(key, out var isFull))
            return isFull ? Skip(SkipReason.Urls) : null;

        if (kind == VisitKind.Page)
        {
            if (scope.HasPathRules && !scope.HasPath(url, url.Length > itsOrigin.Length ? url[itsOrigin.Length..] : "/"))
                return Skip(SkipReason.Scope);
            if (UrlShape.Repetitions(url) > _limits.Repetitions)
                return Skip(SkipReason.Repetition);
        }
        var chain = !isRedirect && from.Kind == VisitKind.Page && UrlShape.IsSame(from.Url, url) ? from.Chain + 1 : 0;
        if (chain > _limits.Chain)
            return Skip(SkipReason.Chain);
        var lane = isHome ? from.Lane : frontier.LaneOf(itsOrigin);
        var visit = new Visit(url.ToString(), key, lane) { Kind = kind, Depth = depth, Chain = chain, Redirects = redirects, Referrer = from.Url };
        return kind == VisitKind.Page && lane.Rules is { } rules && !rules.Allows(visit.PathAndQuery) ? Skip(SkipReason.Robots) : visit;
    }

    private Visit? Skip(SkipReason reason)
    {
        counters.Skip(reason);
        return null;
    }
}
