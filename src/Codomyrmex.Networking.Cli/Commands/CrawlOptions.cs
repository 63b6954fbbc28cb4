using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>crawl</c>.</summary>
internal static class CrawlOptions
{
    public static readonly Option State = new("--state", "FILE", "keep the crawl in this file: go on where it stopped, or ask only for what has changed since it was finished") { IsFile = true };
    public static readonly Option Scope = new("--scope", "SCOPE", "origin (default): the hosts of the URLs; site: and all below them; any: every host") { Choices = ["origin", "site", "any"] };
    public static readonly Option Include = new("--include", "PATTERN", "only paths like this: /blog/, /*.html$") { IsRepeatable = true };
    public static readonly Option Exclude = new("--exclude", "PATTERN", "no paths like this; beats --include") { IsRepeatable = true };

    public static readonly Option MaxPages = new("--max-pages", "N", "end after this many pages (default 1000)");
    public static readonly Option Depth = new("--depth", "N", "links from a URL given to a page (default 32)");
    public static readonly Option MaxSize = new("--max-size", "SIZE", "bytes of one page: 64k, 8M (default 8M)");
    public static readonly Option Timeout = new("--timeout", "D", "end the crawl after this time (default: none)");

    public static readonly Option Delay = new("--delay", "D", "pause between two requests to one host (default 500ms; 0 for none); slow hosts get longer ones");
    public static readonly Option Concurrency = new("--concurrency", "N", "requests to one host at a time (default 2)");
    public static readonly Option Agent = new("--agent", "NAME", "who crawls: the name in the user agent, and the one that robots.txt is read for; needs --contact");
    public static readonly Option Contact = new("--contact", "URL|MAIL", "where to complain about it");
    public static readonly Option NoSitemaps = new("--no-sitemaps", null, "do not read sitemaps");
    public static readonly Option IgnoreRobots = new("--ignore-robots", null, "do not ask for robots.txt: for hosts of your own");
    public static readonly Option Links = new("--links", null, "with --json, tell the links of each page");

    public static readonly OptionGroup What = new("What", [State, Scope, Include, Exclude, MaxPages, Depth, MaxSize, Timeout]);
    public static readonly OptionGroup How = new("How", [Delay, Concurrency, Agent, Contact, NoSitemaps, IgnoreRobots, Links]);
}
