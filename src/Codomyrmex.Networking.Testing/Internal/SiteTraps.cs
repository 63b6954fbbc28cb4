using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>What of a <see cref="CrawlSite"/> is no ordinary page.</summary>
internal sealed class SiteTraps(CrawlSiteOptions options, SitePages pages)
{
    private const string Html = "text/html; charset=utf-8";

    // All that is wrong with links on real pages.
    private const string Hub =
        """
        <a href="/calendar/2026/1">calendar</a> <a href="/redirect/3">a short chain</a> <a href="/redirect/12">a long chain</a> <a href="/loop/a">a loop</a>
        <a href="/missing/one">gone</a> <a href="/slow/1">slow</a> <a href="/slow/2">slow</a> <a href="/deep/">ever deeper</a> <a href="/dup/">the same below</a>
        <a href="/print/1">twice</a> <a href="/print/2">twice</a> <a href="/busy/1">busy</a> <a href="/broken">broken</a> <a href="/private/page">forbidden</a>
        <a href="/shy" rel="nofollow">asks not to be followed</a> <a href="/meta-nofollow">its links ask</a> <a href="/field-nofollow">its fields ask</a>
        <a href="/p/3?utm_source=here&amp;utm_medium=there">follows visitors</a> <a href="/p/3;jsessionid=0123456789">has a session</a>
        <a href="/order?a=1&amp;b=2">in order</a> <a href="/order?b=2&amp;a=1">the same</a> <a href="/latin">windows-1252</a> <a href="/wide">UTF-16</a>
        <a href="/huge">huge</a> <a href="/gone">410</a> <a href="/archive.zip">no page</a> <a href="/based/">with a base</a> <iframe src="/framed"></iframe>
        <a href="javascript:alert(1)">script</a> <a href="mailto:a@example.com">mail</a> <a href="//user:secret@127.0.0.1/p/1">a user</a> <a href="#top">here</a>
        <a href="http://169.254.169.254/latest/meta-data/">inside</a> <a href="/leads-inside">inside by a redirect</a> <a href="HTTP://LOCALHOST.example/">elsewhere</a>
        <template><a href="/templated">not yet</a></template>
        """;

    private readonly ConcurrentDictionary<string, bool> _served = new(StringComparer.Ordinal);

    public Task AnswerAsync(LoopbackExchange exchange)
    {
        var parts = exchange.Path.Split('/', 3);
        var rest = parts.Length > 2 ? parts[2] : "";
        return parts[1] switch
        {
            "traps" => PageAsync(exchange, "Traps", Hub + $"<a href=\"/long/{new string('x', 3000)}\">long</a>"),
            "robots.txt" => exchange.RespondAsync(200, Robots()),
            "sitemap_index.xml" => exchange.RespondAsync(200, Index(), "application/xml"),
            "sitemap-1.xml" => exchange.RespondAsync(200, Sitemap(0, options.Orphans / 2), "application/xml"),
            "sitemap-2.xml.gz" => exchange.RespondAsync(200, Zipped(Sitemap(options.Orphans / 2, options.Orphans)), "application/gzip"),
            "calendar" => CalendarAsync(exchange, rest),
            "redirect" => RedirectAsync(exchange, rest),
            "loop" => ToAsync(exchange, rest == "a" ? "/loop/b" : "/loop/a"),
            "leads-inside" => ToAsync(exchange, "http://169.254.169.254/latest/meta-data/"),
            "slow" => SlowAsync(exchange),
            "deep" => PageAsync(exchange, "Deeper " + rest.Length, "<a href=\"more/\">more</a>"),
            "dup" => PageAsync(exchange, "The same", "<a href=\"x1/\">one</a><a href=\"x2/\">two</a><a href=\"x3/\">three</a>"),
            "print" => PageAsync(exchange, "To print", "the same page for the printer"),
            "busy" => BusyAsync(exchange),
            "broken" => BreakAsync(exchange),
            "private" => PageAsync(exchange, "Private", "robots.txt forbids this"),
            "shy" => PageAsync(exchange, "Shy", "no link that may be followed leads here"),
            "meta-nofollow" => PageAsync(exchange, "Meta", "<meta name=robots content=\"NOINDEX, nofollow\"><a href=\"/shy\">shy</a>"),
            "field-nofollow" => PageAsync(exchange, "Field", "<a href=\"/shy\">shy</a>", [new("X-Robots-Tag", "otherbot: noindex, nofollow"), new("X-Robots-Tag", "nofollow")]),
            "order" => PageAsync(exchange, "In order", "whatever the order"),
            "latin" => exchange.RespondAsync(200, Encoding.Latin1.GetBytes("<title>Café</title><a href=\"/caf\u00e9\">caf\u00e9</a>"), "text/html; charset=iso-8859-1"),
            "caf%C3%A9" => PageAsync(exchange, "Café", "found by a link in another charset"),
            "wide" => exchange.RespondAsync(200, (byte[])[0xFF, 0xFE, .. Encoding.Unicode.GetBytes("<title>Wide</title><a href=\"/narrow\">narrow</a>")], "text/html"),
            "narrow" => PageAsync(exchange, "Narrow", "found by a link in UTF-16"),
            "huge" => exchange.RespondAsync(200, new byte[9 * 1024 * 1024], Html),
            "gone" => exchange.RespondAsync(410, "gone"),
            "archive.zip" => exchange.RespondAsync(200, new byte[1024], "application/zip"),
            "based" => PageAsync(exchange, "Based", "<base href=\"/elsewhere/\"><a href=\"based\">based</a>"),
            "elsewhere" => PageAsync(exchange, "Elsewhere", "found by a link with a base"),
            "framed" => PageAsync(exchange, "Framed", "found by a frame"),
            _ => MissingAsync(exchange),
        };
    }

    // What is not there looks like a page that is, and leads to more of its kind.
    private static Task MissingAsync(LoopbackExchange exchange) =>
        PageAsync(exchange, $"We could not find {exchange.Path.Split('/')[^1]}", $"<p>Perhaps <a href=\"/missing/{exchange.Path.Length}\">this</a>?</p>");

    private static Task CalendarAsync(LoopbackExchange exchange, string month)
    {
        var parts = month.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], out var year) || !int.TryParse(parts[1], out var number))
            return MissingAsync(exchange);
        var (next, before) = (new DateOnly(year, number, 1).AddMonths(1), new DateOnly(year, number, 1).AddMonths(-1));
        return PageAsync(exchange, $"Calendar {month}", string.Create(CultureInfo.InvariantCulture,
            $"<a href=\"/calendar/{before.Year}/{before.Month}\">before</a> <a href=\"/calendar/{next.Year}/{next.Month}\">next</a>"));
    }

    private static Task RedirectAsync(LoopbackExchange exchange, string left) =>
        int.TryParse(left, out var count) && count > 0
            ? ToAsync(exchange, string.Create(CultureInfo.InvariantCulture, $"/redirect/{count - 1}"))
            : PageAsync(exchange, "The end of the chain", "at last");

    private static Task ToAsync(LoopbackExchange exchange, string location) => exchange.RespondAsync(302, "", headers: [new("Location", location)]);

    private async Task SlowAsync(LoopbackExchange exchange)
    {
        await Task.Delay(options.Slow, options.Server.TimeProvider, exchange.Aborted).ConfigureAwait(false);
        await PageAsync(exchange, "Slow", "that took long").ConfigureAwait(false);
    }

    private Task BusyAsync(LoopbackExchange exchange) => _served.TryAdd(exchange.Target, true)
        ? exchange.RespondAsync(503, "busy", headers: [new("Retry-After", "1")])
        : PageAsync(exchange, "Busy", "now there is time");

    private Task BreakAsync(LoopbackExchange exchange)
    {
        if (!_served.TryAdd(exchange.Target, true))
            return PageAsync(exchange, "Whole again", "the second time");
        exchange.Abort(reset: true);
        return Task.CompletedTask;
    }

    private string Robots()
    {
        var delay = options.CrawlDelay is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"Crawl-delay: {seconds}\n") : "";
        return $"User-agent: *\nDisallow: /private/\n{delay}\nSitemap: {pages.Absolute("/sitemap_index.xml")}\n";
    }

    private string Index() =>
        $"<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>{pages.Absolute("/sitemap-1.xml")}</loc></sitemap><sitemap><loc>{pages.Absolute("/sitemap-2.xml.gz")}</loc></sitemap></sitemapindex>";

    private string Sitemap(int from, int to)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        for (var orphan = from; orphan < to; orphan++)
            text.Append("<url><loc>").Append(pages.Absolute(pages.PathOf(options.Pages + orphan))).Append("</loc><lastmod>2026-11-01</lastmod></url>\n");
        return text.Append("</urlset>").ToString();
    }

    private static byte[] Zipped(string text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return zipped.ToArray();
    }

    private static Task PageAsync(LoopbackExchange exchange, string title, string body, IEnumerable<KeyValuePair<string, string>>? headers = null) =>
        exchange.RespondAsync(200, $"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>", Html, headers);
}
