using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Fleet;

/// <summary>A fleet and its campaigns in JSON, as the command line and the page's status document have them. More members may be added.</summary>
public static partial class FleetJson
{
    /// <summary>Writes the members of a fleet: <c>"machines":[{…}],"campaigns":[{…}]</c>.</summary>
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
