using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>Several sites of this machine, each a tree of pages, that lead to each other: the first page of each links to the next site's, and its last one to a page of the site after it.</summary>
internal sealed class SiteRing : IAsyncDisposable
{
    private readonly LoopbackServer[] _servers;
    private readonly int _pages;

    private SiteRing(int sites, int pages)
    {
        _pages = pages;
        _servers = [.. Enumerable.Range(0, sites).Select(_ => LoopbackServer.Start())];
        for (var site = 0; site < sites; site++)
        {
            var number = site;
            _servers[site].Map("GET", "/robots.txt", static exchange => exchange.RespondAsync(200, ""));
            _servers[site].Map("GET", "/p/{page}", exchange => exchange.RespondAsync(200, Render(number, int.Parse(exchange.RouteValue("page"), CultureInfo.InvariantCulture)), "text/html"));
        }
    }

    public IReadOnlyList<LoopbackServer> Servers => _servers;

    public string Seed => Url(0, 0);

    /// <summary>All pages.</summary>
    public string[] Urls => [.. Enumerable.Range(0, _servers.Length).SelectMany(site => Enumerable.Range(0, _pages).Select(page => Url(site, page))).Order(StringComparer.Ordinal)];

    /// <summary>How often pages were asked for.</summary>
    public int Hits => _servers.Sum(static server => server.Requests.Count(static request => request.Path.StartsWith("/p/", StringComparison.Ordinal)));

    public static SiteRing Start(int sites, int pages) => new(sites, pages);

    public string Url(int site, int page) => $"http://127.0.0.1:{_servers[site].Port}/p/{page}";

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private string Render(int site, int page)
    {
        var links = new StringBuilder($"<title>page {page} of {site}</title>");
        for (var child = (2 * page) + 1; child <= (2 * page) + 2 && child < _pages; child++)
            links.Append(CultureInfo.InvariantCulture, $"<a href=/p/{child}>{child}</a>");
        if (page == 0)
            links.Append(CultureInfo.InvariantCulture, $"<a href={Url((site + 1) % _servers.Length, 0)}>next</a>");
        if (page == _pages - 1)
            links.Append(CultureInfo.InvariantCulture, $"<a href={Url((site + 2) % _servers.Length, _pages / 2)}>other</a><a href={Url(site, 0)}>home</a>");
        return links.ToString();
    }
}
