using System.Globalization;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Fleet.Cli.Rendering;

/// <summary>What a crawl of the fleet has visited: lines for people, or lines of JSON.</summary>
internal static class PageRecordDocument
{
    public static void Write(Invocation run, PageRecord page)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer => FleetJson.WriteMembers(writer, page));
            return;
        }
        if (page.ErrorCode is { } code)
            run.Out.Write(code.PadRight(22), Style.Red);
        else
            run.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{page.Status}  ").PadRight(6), page.Status < 400 ? Style.Green : Style.Yellow).Write(SizeText.Of(page.Bytes).PadLeft(10)).Write("      ");
        run.Out.Write(page.Url, Style.Bold);
        if (page.DuplicateOf is { } first)
            run.Out.Write($"  the same as {first}", Style.Cyan);
        else if (page.IsSoftNotFound)
            run.Out.Write("  says it is missing", Style.Cyan);
        run.Out.Line(page.Title is { } title ? "  " + title : "", Style.Dim).Flush();
    }

    public static void WriteSummary(Invocation run, CrawlStatus status)
    {
        var elapsed = (status.EndedAt ?? run.Context.Clock.GetUtcNow()) - status.StartedAt;
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteStartObject("summary");
                FleetJson.WriteMembers(writer, status);
                writer.WriteNumber("elapsedMs", Math.Round(elapsed.TotalMilliseconds, 1));
                writer.WriteEndObject();
            });
        }
        else if (!run.IsQuiet)
        {
            run.Error.Line(string.Create(CultureInfo.InvariantCulture,
                $"{status.Pages:N0} pages of {status.Hosts:N0} hosts, {status.Failed:N0} failed, {SizeText.Of(status.Bytes)}; {status.Requests:N0} requests, {status.Urls:N0} URLs known, {status.Pending:N0} left; {FleetJson.StateOf(status.State)} after {Milliseconds.Text(elapsed)}"),
                Style.Bold).Flush();
        }
    }
}
