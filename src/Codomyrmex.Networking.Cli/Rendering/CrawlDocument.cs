using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows what a crawl found: lines for people, or lines of JSON as the command line's contract lays them down.</summary>
internal static class CrawlDocument
{
    public static void Write(Invocation run, CrawledPage page)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer => Write(writer, page, run.Arguments.Has(CrawlOptions.Links)));
            return;
        }
        if (page.Error is { } error)
            run.Out.Write(error.Code.PadRight(22), Style.Red);
        else
            run.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{page.Status}  ").PadRight(6), page.Status < 400 ? Style.Green : Style.Yellow).Write(SizeText.Of(page.Content.Length).PadLeft(10)).Write("      ");
        run.Out.Write(page.Url, Style.Bold);
        if (Notes(page) is { Length: > 0 } notes)
            run.Out.Write($"  {notes}", Style.Cyan);
        run.Out.Line(page.Title is { } title ? "  " + title : "", Style.Dim).Flush();
    }

    public static void WriteSummary(Invocation run, CrawlStatistics done)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteStartObject("summary");
                WriteSummary(writer, done);
                writer.WriteEndObject();
            });
            return;
        }
        if (run.IsQuiet)
            return;
        run.Error.Line(string.Create(CultureInfo.InvariantCulture,
            $"{done.Pages:N0} pages, {done.Failed:N0} failed, {SizeText.Of(done.Bytes)} in {Milliseconds.Text(done.Elapsed)}; {done.Requests:N0} requests, {done.Urls:N0} URLs known, {done.Pending:N0} left"), Style.Bold);
        if (done.Kind == CrawlRunKind.Widened)
            run.Error.Line("This run reaches further than the finished one: it asked only for what that one had left out. The next run looks for changes.");
        if (done.Skipped.Count > 0)
            run.Error.Line("not visited: " + string.Join(", ", done.Skipped.Select(skipped => string.Create(CultureInfo.InvariantCulture, $"{Name(skipped.Key)} {skipped.Value:N0}"))), Style.Dim);
        run.Error.Flush();
    }

    private static void Write(Utf8JsonWriter writer, CrawledPage page, bool withLinks)
    {
        writer.WriteString("url", page.Url);
        writer.WriteNumber("status", page.Status);
        writer.WriteNumber("depth", page.Depth);
        writer.WriteString("referrer", page.Referrer);
        writer.WriteNumber("redirects", page.Redirects);
        writer.WriteString("contentType", page.ContentType);
        writer.WriteNumber("bytes", page.Content.Length);
        writer.WriteString("title", page.Title);
        writer.WriteNumber("links", page.Links.Count);
        writer.WriteString("change", JsonNamingPolicy.CamelCase.ConvertName(page.Change.ToString()));
        writer.WriteString("duplicateOf", page.DuplicateOf);
        writer.WriteBoolean("softNotFound", page.IsSoftNotFound);
        writer.WriteBoolean("noIndex", page.IsNoIndex);
        writer.WriteMs("elapsedMs", page.Elapsed);
        if (page.Error is { } error)
            writer.WriteError(error);
        if (!withLinks)
            return;
        writer.WriteStartArray("urls");
        foreach (var link in page.Links)
            writer.WriteStringValue(link.Url);
        writer.WriteEndArray();
    }

    private static void WriteSummary(Utf8JsonWriter writer, CrawlStatistics done)
    {
        writer.WriteString("run", JsonNamingPolicy.CamelCase.ConvertName(done.Kind.ToString()));
        writer.WriteNumber("pages", done.Pages);
        writer.WriteNumber("failed", done.Failed);
        writer.WriteNumber("notModified", done.NotModified);
        writer.WriteNumber("changed", done.Changed);
        writer.WriteNumber("duplicates", done.Duplicates);
        writer.WriteNumber("softNotFound", done.SoftNotFound);
        writer.WriteNumber("requests", done.Requests);
        writer.WriteNumber("redirects", done.Redirects);
        writer.WriteNumber("retries", done.Retries);
        writer.WriteNumber("slowDowns", done.SlowDowns);
        writer.WriteNumber("bytes", done.Bytes);
        writer.WriteNumber("urls", done.Urls);
        writer.WriteNumber("pending", done.Pending);
        writer.WriteNumber("postponed", done.Postponed);
        writer.WriteNumber("admitted", done.Admitted);
        writer.WriteStartObject("skipped");
        foreach (var (reason, count) in done.Skipped)
            writer.WriteNumber(Name(reason), count);
        writer.WriteEndObject();
        writer.WriteMs("elapsedMs", done.Elapsed);
    }

    private static string Notes(CrawledPage page) => string.Join(", ", new[]
    {
        page.Change is PageChange.Changed ? "changed" : page.Change is PageChange.NotModified or PageChange.Unchanged ? "as it was" : "",
        page.DuplicateOf is { } first ? "the same as " + first : "",
        page.IsSoftNotFound ? "says it is missing" : "",
    }.Where(note => note.Length > 0));

    private static string Name(SkipReason reason) => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());
}
