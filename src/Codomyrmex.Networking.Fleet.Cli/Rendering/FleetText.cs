using System.Globalization;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Rendering;

/// <summary>A fleet for people.</summary>
internal static class FleetText
{
    private const int BarCells = 28;

    public static void Write(TextOutput output, FleetStatus fleet)
    {
        output.Line($"{Count(fleet.Machines.Count, "machine")}, {Count(fleet.Campaigns.Count, "campaign")}, {Count(fleet.Crawls.Count, "crawl")}", Style.Bold);
        var machines = new Table("  ");
        foreach (var machine in fleet.Machines)
            machines.Row((machine.Name, Style.Cyan), (machine.Address, Style.Plain), ($"{Rate(machine.ProbesPerSecond)} of {Rate(machine.Allowed)} probes/s", Style.Plain), (Count(machine.Shards, "shard"), Style.Plain), (Count(machine.Hosts, "host"), Style.Plain));
        machines.WriteTo(output);
        foreach (var campaign in fleet.Campaigns)
        {
            output.Line().Write(campaign.Id, Style.Bold).Write(campaign.Name.Length == 0 ? " " : $" {campaign.Name} ").Line(FleetJson.StateOf(campaign.State), campaign.State == CampaignState.Running ? Style.Green : Style.Dim);
            output.Line($"  {campaign.Targets} -p {campaign.Ports}", Style.Dim);
            foreach (var row in Rows(campaign))
                output.Line("  " + row);
        }
        foreach (var crawl in fleet.Crawls)
        {
            output.Line().Write(crawl.Id, Style.Bold).Write(crawl.Name.Length == 0 ? " " : $" {crawl.Name} ").Line(FleetJson.StateOf(crawl.State), crawl.State == CampaignState.Running ? Style.Green : Style.Dim);
            output.Line($"  {crawl.Seeds}", Style.Dim);
            foreach (var row in Rows(crawl))
                output.Line("  " + row);
        }
        output.Flush();
    }

    /// <summary>The rows of the table beneath the findings, for one moment.</summary>
    public static string[] Rows(CampaignStatus now)
    {
        var share = now.Cells == 0 ? 0 : Math.Min(1, (double)now.CellsDone / now.Cells);
        var cells = (int)(share * BarCells);
        var wait = now.Waits > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"   goes on in {now.Waits.TotalSeconds:0} s") : "";
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"ports  [{new string('=', cells)}{new string(' ', BarCells - cells)}] {Math.Floor(100 * share),3:0} %   {now.CellsDone:N0} of {now.Cells:N0}{wait}"),
            string.Create(CultureInfo.InvariantCulture, $"found  {now.Open:N0} open, {now.Closed:N0} closed, {now.Filtered:N0} filtered{(now.OpenOrFiltered > 0 ? $", {now.OpenOrFiltered:N0} open or filtered" : "")}"),
            string.Create(CultureInfo.InvariantCulture, $"shards {now.ShardsDone:N0} of {now.Shards:N0}"),
            string.Create(CultureInfo.InvariantCulture, $"rate   {now.Machines.Sum(static machine => machine.ProbesPerSecond):N0} probes/s of {Rate(now.ProbesPerSecond ?? double.PositiveInfinity)}, by {Count(now.Machines.Count, "machine")}"),
        ];
    }

    /// <summary>The rows of the table beneath the pages, for one moment.</summary>
    public static string[] Rows(CrawlStatus now)
    {
        var wait = now.Waits > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"   goes on in {now.Waits.TotalSeconds:0} s") : "";
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"pages  {now.Pages:N0} visited, {now.Failed:N0} failed, {now.Pending:N0} to go{(now.Postponed > 0 ? $", {now.Postponed:N0} of them of hosts left alone" : "")}{wait}"),
            string.Create(CultureInfo.InvariantCulture, $"hosts  {now.HostsDone:N0} of {now.Hosts:N0} have nothing left to do"),
            string.Create(CultureInfo.InvariantCulture, $"bytes  {SizeText.Of(now.Bytes)} in {now.Requests:N0} requests, by {Count(now.Machines.Count, "machine")}"),
        ];
    }

    private static string Rate(double rate) => double.IsFinite(rate) ? rate.ToString("N0", CultureInfo.InvariantCulture) : "any";

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");
}
