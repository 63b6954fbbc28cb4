using System.Globalization;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Rendering;

/// <summary>What is said of one campaign.</summary>
internal static class CampaignDocument
{
    public static void WriteId(Invocation run, string id)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => writer.WriteString("id", id));
        else
            run.Out.Line(id).Flush();
    }

    public static void WriteState(Invocation run, string id, string state)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteString("id", id);
                writer.WriteString("state", state);
            });
        }
        else if (!run.IsQuiet)
        {
            run.Out.Line($"{id} is {state}.").Flush();
        }
    }

    public static void WriteSummary(Invocation run, CampaignStatus status)
    {
        var elapsed = (status.EndedAt ?? run.Context.Clock.GetUtcNow()) - status.StartedAt;
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteStartObject("summary");
                writer.WriteString("id", status.Id);
                writer.WriteString("state", FleetJson.StateOf(status.State));
                writer.WriteNumber("hosts", status.Hosts);
                writer.WriteNumber("ports", status.Cells);
                writer.WriteNumber("portsDone", status.CellsDone);
                writer.WriteNumber("open", status.Open);
                writer.WriteNumber("closed", status.Closed);
                writer.WriteNumber("filtered", status.Filtered);
                writer.WriteNumber("openOrFiltered", status.OpenOrFiltered);
                writer.WriteNumber("probes", status.Probes);
                writer.WriteNumber("elapsedMs", Math.Round(elapsed.TotalMilliseconds, 1));
                writer.WriteEndObject();
            });
        }
        else if (!run.IsQuiet)
        {
            run.Error.Line(string.Create(CultureInfo.InvariantCulture,
                $"{status.Open:N0} open, {status.Closed:N0} closed, {status.Filtered:N0} filtered of {status.Cells:N0} ports of {status.Hosts:N0} hosts, {FleetJson.StateOf(status.State)} after {Milliseconds.Text(elapsed)}"),
                Style.Bold).Flush();
        }
    }
}
