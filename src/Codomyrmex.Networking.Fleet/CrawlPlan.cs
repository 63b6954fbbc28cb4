using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Fleet;

/// <summary>What a fleet is to crawl, how far and how politely: towards each host as one machine would be, whichever machines ask it. Immutable.</summary>
public sealed record CrawlPlan
{
    /// <summary>The most hosts of one crawl: 10,000. Links to others are counted (<see cref="CrawlStatus.HostsRefused"/>).</summary>
    public const int MostHosts = 10_000;

    /// <summary>The most URLs of one host that are known: 100,000. Others are counted (<see cref="SkipReason.Urls"/>).</summary>
    public const int MostUrlsPerHost = 100_000;

    /// <summary>Where to begin: absolute http or https URLs.</summary>
    public required IReadOnlyList<string> Seeds { get; init; }

    /// <summary>What people call it. The default value is empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which URLs belong to it, without a <see cref="CrawlScope.Filter"/>. The default value is <see cref="CrawlScope.SeedOrigins"/>.</summary>
    public CrawlScope Scope { get; init; } = CrawlScope.SeedOrigins;

    /// <summary>
    /// How far it goes. Pages and bytes are those of all machines together; <see cref="CrawlLimits.Urls"/> is for each host, and at most
    /// <see cref="MostUrlsPerHost"/>.
    /// </summary>
    public CrawlLimits Limits { get; init; } = CrawlLimits.Default;

    /// <summary>How each host is treated, whichever machine asks it.</summary>
    public Politeness Politeness { get; init; } = Politeness.Default;

    /// <summary>When two URLs are one page.</summary>
    public UrlRules Urls { get; init; } = UrlRules.Default;

    /// <summary>
    /// Where requests may go: pages, redirects, robots.txt and sitemaps alike. It travels with the plan; a machine's operator may have a policy of their own
    /// (<see cref="FleetOptions.Policy"/>), and both must allow a target. The default value is <see cref="EgressPolicy.PublicInternetOnly"/>.
    /// </summary>
    public EgressPolicy Policy { get; init; } = EgressPolicy.PublicInternetOnly;

    /// <summary>Who crawls, without a <see cref="CrawlIdentity.Signature"/>: keys do not travel. The default value is null: whoever <see cref="UserAgent"/> names.</summary>
    public CrawlIdentity? Identity { get; init; }

    /// <summary>The user agent, where there is no <see cref="Identity"/>. The default value is null: the library's.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Media types whose bodies are read. The default value is HTML, XHTML and plain text; empty reads all.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = CrawlerOptions.Default.ContentTypes;

    /// <summary>Whether the sitemaps of each host are read. The default value is true.</summary>
    public bool UseSitemaps { get; init; } = true;

    /// <summary>Whether links that ask not to be followed are followed. The default value is false.</summary>
    public bool FollowNoFollow { get; init; }

    /// <summary>Whether the links of a page are followed whose content another URL of its host has shown already. The default value is false.</summary>
    public bool FollowDuplicates { get; init; }

    /// <summary>Whether each host is asked once for a page that cannot be there. The default value is true.</summary>
    public bool DetectSoftNotFound { get; init; } = true;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Seeds, "CrawlPlan.Seeds");
        if (Seeds.Count == 0)
            throw new ArgumentException("CrawlPlan.Seeds: a crawl begins somewhere.", nameof(Seeds));
        if (Seeds.FirstOrDefault(static seed => seed is null || UrlResolver.Canonical(seed) is null) is { } bad)
            throw new ArgumentException($"CrawlPlan.Seeds: '{Redactor.Redact(bad)}' is no seed: write http://host/path or https://host/path, without a user.", nameof(Seeds));
        ArgumentNullException.ThrowIfNull(Name, "CrawlPlan.Name");
        ArgumentNullException.ThrowIfNull(Policy, "CrawlPlan.Policy");
        if (Scope?.Filter is not null)
            throw new ArgumentException("CrawlPlan.Scope: a filter is code of this process, and does not travel to other machines.", nameof(Scope));
        if (Identity?.Signature is not null)
            throw new ArgumentException("CrawlPlan.Identity: a signature has a key, and keys do not travel to other machines.", nameof(Identity));
        new CrawlerOptions { Scope = Scope!, Limits = Limits, Politeness = Politeness, Urls = Urls, Identity = Identity, ContentTypes = ContentTypes }.Validate();
    }
}
