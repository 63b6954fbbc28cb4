using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What the fleet reports of crawls, in the types that programs see.</summary>
internal static class CrawlStatusWriter
{
    public static CrawlStatus Of(CrawlReport report) => new()
    {
        Id = report.Id,
        Name = report.Name,
        State = (CampaignState)report.State,
        StartedAt = report.StartedAt,
        EndedAt = report.EndedAt,
        Seeds = report.Seeds,
        Hosts = report.Hosts,
        HostsDone = report.HostsDone,
        HostsRefused = report.HostsRefused,
        Pages = report.Totals.Pages,
        Failed = report.Totals.Failed,
        Duplicates = report.Totals.Duplicates,
        SoftNotFound = report.Totals.SoftNotFound,
        Bytes = report.Totals.Bytes,
        Requests = report.Totals.Counters.Requests,
        Redirects = report.Totals.Counters.Redirects,
        Retries = report.Totals.Counters.Retries,
        SlowDowns = report.Totals.Counters.SlowDowns,
        Urls = report.Totals.Urls,
        Pending = report.Totals.Pending,
        Postponed = report.Totals.Postponed,
        Skipped = report.Totals.Counters.Skipped.Select(static (count, reason) => (Count: count, Reason: (SkipReason)reason)).Where(static skipped => skipped.Count > 0)
            .ToDictionary(static skipped => skipped.Reason, static skipped => skipped.Count),
        Waits = TimeSpan.FromSeconds(report.Waits),
        Machines = [.. report.Machines.Select(StatusWriter.Of)],
    };

    public static PageRecord Of(UrlEntry url)
    {
        var page = url.Page!;
        return new PageRecord
        {
            Url = url.Url,
            Depth = url.Depth,
            Referrer = url.Referrer,
            Redirects = url.Redirects,
            Status = page.Status,
            ContentType = page.ContentType,
            Bytes = page.Bytes,
            Title = page.Title,
            Links = page.Links,
            DuplicateOf = page.DuplicateOf,
            IsSoftNotFound = page.IsSoftNotFound,
            IsNoIndex = page.IsNoIndex,
            Elapsed = TimeSpan.FromMilliseconds(page.Elapsed),
            ErrorCode = page.ErrorCode,
            ErrorMessage = page.ErrorMessage,
            Machine = page.Machine,
        };
    }
}
