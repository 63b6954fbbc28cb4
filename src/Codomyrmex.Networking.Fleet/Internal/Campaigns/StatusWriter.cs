using System.Net;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What the fleet reports, in the types that programs see.</summary>
internal static class StatusWriter
{
    public static MachineStatus Of(MachineReport machine) => new()
    {
        Name = machine.Name,
        Address = machine.Machine,
        Allowed = machine.Lent,
        ProbesPerSecond = machine.Rate,
        Shards = machine.Shards,
        Hosts = machine.Hosts,
    };

    public static CampaignStatus Of(CampaignReport report) => new()
    {
        Id = report.Id,
        Name = report.Name,
        State = (CampaignState)report.State,
        PlanVersion = report.PlanVersion,
        StartedAt = report.StartedAt,
        EndedAt = report.EndedAt,
        Targets = report.Targets,
        Ports = report.Ports,
        Hosts = report.Hosts,
        Cells = report.Totals.Cells,
        CellsDone = report.Done,
        Open = report.Totals.Open,
        Closed = report.Totals.Closed,
        Filtered = report.Totals.Filtered,
        OpenOrFiltered = report.Totals.OpenOrFiltered,
        Probes = report.Totals.Probes,
        Shards = report.Shards,
        ShardsDone = report.ShardsDone,
        ProbesPerSecond = report.Cap,
        ProbesPerSecondPerHost = report.PerHost,
        ProbesPerSecondPerNetwork = report.PerNetwork,
        Allowed = report.Lent,
        Waits = TimeSpan.FromSeconds(report.Waits),
        Machines = [.. report.Machines.Select(Of)],
    };

    public static PortResult Of(FindingRecord finding) => new()
    {
        Host = finding.Host,
        Address = IPAddress.Parse(finding.Address),
        Port = finding.Port,
        Protocol = (PortProtocol)finding.Protocol,
        State = PortState.Open,
        Reason = (PortReason)finding.Reason,
        RoundTrip = finding.RoundTrip < 0 ? null : TimeSpan.FromMicroseconds(finding.RoundTrip),
    };
}
