using System.Text;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What a crawler reads of sites.</summary>
internal static class CrawlTargets
{
    private static readonly string[] Paths = ["/", "/a", "/a/b?c=d", "/caf%C3%A9", "/a*b$"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("robots", Robots) { Words = ["User-agent: ", "*", "Disallow: ", "Allow: ", "Crawl-delay: ", "Sitemap: ", "$", "/", "\n", "\r", "#", "%2F", "\u00e9"] },
        new("sitemap", Sitemap) { Words = ["<urlset>", "<sitemapindex>", "<loc>", "</loc>", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE", "&amp;", "&#x26;", "<x:loc>", "<?", "?>", "\n", "http://h/"] },
        new("html-links", Links)
        {
            Words = ["<a href=", "<base href=", "<script>", "</script>", "<!--", "-->", "--!>", "<title>", "</title>", "<template>", "<meta name=robots content=", "\"", "'", "=", ">", "/>", "&amp;", "&#", "http://", "//", "../"],
        },
        new("page-url", Url) { Words = ["http://", "https://", "//", "/", "..", "?", "#", "%", "%2e", ":", "@", "[", "]", "\\", "xn--", ";jsessionid=", "utm_x=", "&"] },
    ];

    private static void Robots(byte[] input)
    {
        var file = RobotsFile.Parse(input);
        var rules = file.RulesFor("ExampleBot");
        Promise.Keep(rules.Allows("/robots.txt"), "robots.txt itself is allowed");
        Promise.Keep(rules.CrawlDelay is null || rules.CrawlDelay >= TimeSpan.Zero, "no delay is negative");
        foreach (var path in Paths)
            Promise.Keep(rules.Allows(path) == rules.Allows(PercentText.Normalize(path)), "a spelling does not change what is allowed");
    }

    private static void Sitemap(byte[] input)
    {
        var whole = new List<SitemapEntry>();
        var wholeError = Failure(() => new SitemapParser().Read(input, isLast: true, whole));
        // In two pieces it says the same.
        var parts = new List<SitemapEntry>();
        var partsError = Failure(() =>
        {
            var parser = new SitemapParser();
            var used = parser.Read(input.AsSpan(0, input.Length / 2), isLast: false, parts);
            Promise.Keep(used <= input.Length / 2, "no more is read than there is");
            parser.Read(input.AsSpan(used), isLast: true, parts);
        });
        if (wholeError is null && partsError is null)
            Promise.Keep(whole.SequenceEqual(parts), "pieces change nothing");
    }

    private static void Links(byte[] input) => new PageReader("ExampleBot").Read<object?>(input, "http://h/d/p?q", null, static (_, url, _, _) => Canonical(url.ToString()));

    private static void Url(byte[] input)
    {
        var resolver = new UrlResolver();
        resolver.SetBase("http://h:81/a/b?c");
        var url = resolver.Resolve(Encoding.UTF8.GetString(input));
        if (!url.IsEmpty)
            Canonical(url.ToString());
    }

    private static void Canonical(string url)
    {
        Promise.Keep(UrlResolver.Canonical(url) is { } again && again == url, "a URL in its one spelling stays as it is");
        Promise.Keep(!url.Contains('#') && url.All(c => c is > ' ' and < '\x7f'), "a URL is plain ASCII without a fragment");
        var identity = new UrlIdentity(true, ["utm_*", "jsessionid"]);
        Promise.Keep(identity.KeyOf(url) == identity.KeyOf(url), "a page has one key");
        UrlShape.Repetitions(url);
        Promise.Keep(UrlShape.IsSame(url, url), "a URL has its own shape");
    }

    private static Exception? Failure(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (FormatException error)
        {
            return error;
        }
    }
}
