using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Fleet;

/// <summary>A fleet with its campaigns and crawls in JSON, as the command line and the page's status document have them. More members may be added.</summary>
public static class FleetJson
{
    /// <summary>Writes the members of a fleet: <c>"machines":[{…}],"campaigns":[{…}],"crawls":[{…}]</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    /// <param name="fleet">The fleet.</param>
    public static void WriteMembers(Utf8JsonWriter writer, FleetStatus fleet)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(fleet);
        WriteMachines(writer, fleet.Machines);
        writer.WriteStartArray("campaigns");
        foreach (var campaign in fleet.Campaigns)
        {
            writer.WriteStartObject();
            WriteMembers(writer, campaign);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("crawls");
        foreach (var crawl in fleet.Crawls)
        {
            writer.WriteStartObject();
            WriteMembers(writer, crawl);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Writes the members of a campaign: <c>"id":"…","state":"running","cells":…,"cellsDone":…,"open":…,…,"machines":[{…}]</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    /// <param name="campaign">The campaign.</param>
    public static void WriteMembers(Utf8JsonWriter writer, CampaignStatus campaign)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(campaign);
        writer.WriteString("id", campaign.Id);
        writer.WriteString("name", campaign.Name);
        writer.WriteString("state", StateOf(campaign.State));
        writer.WriteNumber("plan", campaign.PlanVersion);
        writer.WriteString("startedAt", Moment(campaign.StartedAt));
        if (campaign.EndedAt is { } end)
            writer.WriteString("endedAt", Moment(end));
        else
            writer.WriteNull("endedAt");
        writer.WriteString("targets", campaign.Targets);
        writer.WriteString("ports", campaign.Ports);
        writer.WriteNumber("hosts", campaign.Hosts);
        writer.WriteNumber("cells", campaign.Cells);
        writer.WriteNumber("cellsDone", campaign.CellsDone);
        writer.WriteNumber("open", campaign.Open);
        writer.WriteNumber("closed", campaign.Closed);
        writer.WriteNumber("filtered", campaign.Filtered);
        writer.WriteNumber("openOrFiltered", campaign.OpenOrFiltered);
        writer.WriteNumber("probes", campaign.Probes);
        writer.WriteNumber("shards", campaign.Shards);
        writer.WriteNumber("shardsDone", campaign.ShardsDone);
        WriteCap(writer, "rate", campaign.ProbesPerSecond);
        WriteCap(writer, "perHost", campaign.ProbesPerSecondPerHost);
        WriteCap(writer, "perNetwork", campaign.ProbesPerSecondPerNetwork);
        WriteRate(writer, "allowed", campaign.Allowed);
        writer.WriteNumber("waitsMs", Math.Round(campaign.Waits.TotalMilliseconds));
        WriteMachines(writer, campaign.Machines);
    }

    /// <summary>Writes the members of a crawl: <c>"id":"…","state":"running","hosts":…,"hostsDone":…,"pages":…,…,"machines":[{…}]</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    /// <param name="crawl">The crawl.</param>
    public static void WriteMembers(Utf8JsonWriter writer, CrawlStatus crawl)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(crawl);
        writer.WriteString("id", crawl.Id);
        writer.WriteString("name", crawl.Name);
        writer.WriteString("state", StateOf(crawl.State));
        writer.WriteString("startedAt", Moment(crawl.StartedAt));
        if (crawl.EndedAt is { } end)
            writer.WriteString("endedAt", Moment(end));
        else
            writer.WriteNull("endedAt");
        writer.WriteString("seeds", crawl.Seeds);
        writer.WriteNumber("hosts", crawl.Hosts);
        writer.WriteNumber("hostsDone", crawl.HostsDone);
        writer.WriteNumber("hostsRefused", crawl.HostsRefused);
        writer.WriteNumber("pages", crawl.Pages);
        writer.WriteNumber("failed", crawl.Failed);
        writer.WriteNumber("duplicates", crawl.Duplicates);
        writer.WriteNumber("softNotFound", crawl.SoftNotFound);
        writer.WriteNumber("requests", crawl.Requests);
        writer.WriteNumber("redirects", crawl.Redirects);
        writer.WriteNumber("retries", crawl.Retries);
        writer.WriteNumber("slowDowns", crawl.SlowDowns);
        writer.WriteNumber("bytes", crawl.Bytes);
        writer.WriteNumber("urls", crawl.Urls);
        writer.WriteNumber("pending", crawl.Pending);
        writer.WriteNumber("postponed", crawl.Postponed);
        writer.WriteStartObject("skipped");
        foreach (var (reason, count) in crawl.Skipped)
            writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), count);
        writer.WriteEndObject();
        writer.WriteNumber("waitsMs", Math.Round(crawl.Waits.TotalMilliseconds));
        WriteMachines(writer, crawl.Machines);
    }

    /// <summary>Writes the members of a page, named as <c>codonet crawl</c> names them: <c>"url":"…","status":200,"depth":1,…,"machine":"…"</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    /// <param name="page">The page.</param>
    public static void WriteMembers(Utf8JsonWriter writer, PageRecord page)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(page);
        writer.WriteString("url", page.Url);
        writer.WriteNumber("status", page.Status);
        writer.WriteNumber("depth", page.Depth);
        writer.WriteString("referrer", page.Referrer);
        writer.WriteNumber("redirects", page.Redirects);
        writer.WriteString("contentType", page.ContentType);
        writer.WriteNumber("bytes", page.Bytes);
        writer.WriteString("title", page.Title);
        writer.WriteNumber("links", page.Links);
        writer.WriteString("duplicateOf", page.DuplicateOf);
        writer.WriteBoolean("softNotFound", page.IsSoftNotFound);
        writer.WriteBoolean("noIndex", page.IsNoIndex);
        writer.WriteNumber("elapsedMs", Math.Round(page.Elapsed.TotalMilliseconds, 1));
        writer.WriteString("machine", page.Machine);
        if (page.ErrorCode is null)
            return;
        writer.WriteStartObject("error");
        writer.WriteString("code", page.ErrorCode);
        writer.WriteString("message", page.ErrorMessage);
        writer.WriteEndObject();
    }

    /// <summary><c>running</c>, <c>paused</c>, <c>cancelled</c> or <c>completed</c>.</summary>
    /// <param name="state">The state.</param>
    public static string StateOf(CampaignState state) => state switch
    {
        CampaignState.Running => "running",
        CampaignState.Paused => "paused",
        CampaignState.Cancelled => "cancelled",
        CampaignState.Completed => "completed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    private static void WriteMachines(Utf8JsonWriter writer, IReadOnlyList<MachineStatus> machines)
    {
        writer.WriteStartArray("machines");
        foreach (var machine in machines)
        {
            writer.WriteStartObject();
            writer.WriteString("name", machine.Name);
            writer.WriteString("address", machine.Address);
            WriteRate(writer, "allowed", machine.Allowed);
            WriteRate(writer, "probesPerSecond", machine.ProbesPerSecond);
            writer.WriteNumber("shards", machine.Shards);
            writer.WriteNumber("hosts", machine.Hosts);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteCap(Utf8JsonWriter writer, string name, int? cap)
    {
        if (cap is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    // JSON has no infinity: no limit is null.
    private static void WriteRate(Utf8JsonWriter writer, string name, double rate)
    {
        if (double.IsFinite(rate))
            writer.WriteNumber(name, Math.Round(rate, 1));
        else
            writer.WriteNull(name);
    }

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
