using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A plan as text, and what a machine's crawler makes of it.</summary>
internal static class CrawlTexts
{
    public static CrawlText Of(CrawlPlan plan) => new()
    {
        Name = plan.Name,
        Seeds = [.. plan.Seeds.Select(static seed => UrlResolver.Canonical(seed)!).Distinct(StringComparer.Ordinal)],
        Subdomains = plan.Scope.Subdomains,
        AnyHost = plan.Scope.AnyHost,
        Hosts = [.. plan.Scope.Hosts],
        Include = [.. plan.Scope.Include],
        Exclude = [.. plan.Scope.Exclude],
        Pages = plan.Limits.Pages,
        PagesPerHost = plan.Limits.PagesPerHost,
        Bytes = plan.Limits.Bytes,
        PageBytes = plan.Limits.PageBytes,
        Depth = plan.Limits.Depth,
        UrlLength = plan.Limits.UrlLength,
        LinksPerPage = plan.Limits.LinksPerPage,
        Redirects = plan.Limits.Redirects,
        Chain = plan.Limits.Chain,
        Repetitions = plan.Limits.Repetitions,
        Urls = Math.Min(plan.Limits.Urls, CrawlPlan.MostUrlsPerHost),
        ObeyRobots = plan.Politeness.ObeyRobots,
        Concurrency = plan.Politeness.Concurrency,
        Delay = plan.Politeness.Delay,
        Jitter = plan.Politeness.Jitter,
        AutoThrottle = plan.Politeness.AutoThrottle,
        TargetConcurrency = plan.Politeness.TargetConcurrency,
        MaxDelay = plan.Politeness.MaxDelay,
        BackOff = plan.Politeness.BackOff,
        MaxRetryAfter = plan.Politeness.MaxRetryAfter,
        Retries = plan.Politeness.Retries,
        FailuresInARow = plan.Politeness.FailuresInARow,
        RobotsLifetime = plan.Politeness.RobotsLifetime,
        IgnoreOrder = plan.Urls.IgnoreOrder,
        IgnoredParameters = [.. plan.Urls.IgnoredParameters],
        Policy = PlanWriter.Text(plan.Policy),
        UserAgent = plan.UserAgent,
        Identity = plan.Identity is { } identity ? [identity.Name, identity.Version, identity.Contact] : [],
        ContentTypes = [.. plan.ContentTypes],
        UseSitemaps = plan.UseSitemaps,
        FollowNoFollow = plan.FollowNoFollow,
        FollowDuplicates = plan.FollowDuplicates,
        DetectSoftNotFound = plan.DetectSoftNotFound,
    };

    /// <summary>How a machine crawls a host by the plan: at most what both the plan and its operator allow. What the fleet keeps count of has no limit here.</summary>
    public static CrawlerOptions OptionsOf(CrawlText text, FleetSite site, TimeProvider clock) => new()
    {
        Http = HTTPProfiles.Scrape with
        {
            UserAgent = text.UserAgent ?? HTTPProfiles.Scrape.UserAgent,
            Transport = site.Transport with { Policy = EgressPolicy.Parse(text.Policy).And(site.Policy), Pool = HTTPProfiles.Scrape.Transport.Pool },
            Clock = clock,
        },
        Identity = text.Identity is [var name, var version, var contact] ? new CrawlIdentity { Name = name, Version = version, Contact = contact } : null,
        Politeness = new Politeness
        {
            ObeyRobots = text.ObeyRobots,
            Concurrency = text.Concurrency,
            Delay = text.Delay,
            Jitter = text.Jitter,
            AutoThrottle = text.AutoThrottle,
            TargetConcurrency = text.TargetConcurrency,
            MaxDelay = text.MaxDelay,
            BackOff = text.BackOff,
            MaxRetryAfter = text.MaxRetryAfter,
            Retries = text.Retries,
            FailuresInARow = text.FailuresInARow,
            RobotsLifetime = text.RobotsLifetime,
        },
        Limits = new CrawlLimits
        {
            Pages = int.MaxValue,
            PagesPerHost = text.PagesPerHost,
            Bytes = long.MaxValue,
            PageBytes = text.PageBytes,
            Depth = text.Depth,
            UrlLength = text.UrlLength,
            LinksPerPage = text.LinksPerPage,
            Redirects = text.Redirects,
            Chain = text.Chain,
            Repetitions = text.Repetitions,
            Urls = text.Urls,
        },
        Scope = new CrawlScope { Subdomains = text.Subdomains, AnyHost = text.AnyHost, Hosts = text.Hosts, Include = text.Include, Exclude = text.Exclude },
        Urls = new UrlRules { IgnoreOrder = text.IgnoreOrder, IgnoredParameters = text.IgnoredParameters },
        Concurrency = text.Concurrency,
        ContentTypes = text.ContentTypes,
        UseSitemaps = text.UseSitemaps,
        FollowNoFollow = text.FollowNoFollow,
        FollowDuplicates = text.FollowDuplicates,
        DetectSoftNotFound = text.DetectSoftNotFound,
    };
}
