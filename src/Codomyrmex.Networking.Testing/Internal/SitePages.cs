using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The ordinary pages of a <see cref="CrawlSite"/>: a tree of links with some across it, and text without meaning.</summary>
internal sealed class SitePages(CrawlSiteOptions options, Uri url)
{
    private static readonly string[] Syllables = ["ka", "lo", "mi", "ren", "sta", "vo", "di", "nur", "te", "bal", "cor", "esh", "fin", "gra", "hul", "jo"];

    private readonly string _origin = url.GetLeftPart(UriPartial.Authority);

    /// <summary>The number of an ordinary page by its path; null where it is none.</summary>
    public int? NumberOf(string path)
    {
        if (path == "/")
            return 0;
        var isOrphan = path.StartsWith("/o/", StringComparison.Ordinal);
        if (!isOrphan && !path.StartsWith("/p/", StringComparison.Ordinal))
            return null;
        if (!int.TryParse(path.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            return null;
        if (isOrphan)
            return number <= options.Orphans ? options.Pages - 1 + number : null;
        return number < options.Pages ? number : null;
    }

    /// <summary>The path of an ordinary page.</summary>
    public string PathOf(int number) =>
        number == 0 ? "/"
        : number < options.Pages ? string.Create(CultureInfo.InvariantCulture, $"/p/{number}")
        : string.Create(CultureInfo.InvariantCulture, $"/o/{number - options.Pages + 1}");

    /// <summary>Its validator: the tenth of all pages is another one in each revision.</summary>
    public string Tag(int number, int revision) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{options.Seed}-{number}-{(number % 10 == 3 ? revision : 0)}\"");

    /// <summary>The page in UTF-8.</summary>
    public byte[] Render(int number, int revision)
    {
        var chance = new SiteDice((ulong)options.Seed * 1_000_003 + (ulong)number);
        var page = new StringBuilder(6 * 1024);
        page.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Page {number} of {options.Pages}</title>\n");
        page.Append("<style>a > b { color: red }</style><script>var s = \"<a href='/not-a-link'>\"; // <!--\n</script></head>\n<body><nav>");
        Link(page, "/", "home");
        if (number > 0 && number < options.Pages)
            Link(page, PathOf((number - 1) / options.Children), "up");
        if (options.Traps && number == 0)
            Link(page, "/traps", "traps");
        page.Append("</nav>\n<!-- <a href=\"/commented-out\">no</a> -->\n<article>\n");
        if (number < options.Pages)
        {
            page.Append("<ul>");
            for (var child = (number * (long)options.Children) + 1; child <= (number * (long)options.Children) + options.Children && child < options.Pages; child++)
            {
                page.Append("<li>");
                Link(page, PathOf((int)child), "one of its own");
                page.Append("</li>\n");
            }
            page.Append("</ul>\n");
        }
        Text(page, chance, number, revision);
        page.Append("</article></body></html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    /// <summary>The URL of a path on this site.</summary>
    public string Absolute(string path) => _origin + path;

    private void Text(StringBuilder page, SiteDice chance, int number, int revision)
    {
        var links = options.CrossLinks;
        for (var word = 0; word < options.Words; word++)
        {
            if (word % 50 == 0)
                page.Append(word == 0 ? "<p>" : "</p>\n<p>");
            for (var syllables = 1 + (int)(chance.Next() % 3); syllables > 0; syllables--)
                page.Append(Syllables[chance.Next() % (ulong)Syllables.Length]);
            page.Append(' ');
            if (links > 0 && word % Math.Max(1, options.Words / options.CrossLinks) == 0)
            {
                links--;
                // The three ways in which sites write their links.
                var target = PathOf((int)(chance.Next() % (ulong)options.Pages));
                Link(page, (links % 3) switch { 0 => target, 1 => Absolute(target), _ => number == 0 || number >= options.Pages ? target : "../" + target[1..] }, "elsewhere");
            }
        }
        page.Append("</p>\n");
        if (number % 10 == 3)
            page.Append(CultureInfo.InvariantCulture, $"<p>Revision {revision}.</p>\n");
    }

    private static void Link(StringBuilder page, string path, string text) => page.Append("<a class=\"link\" href=\"").Append(path).Append("\">").Append(text).Append("</a> ");
}
