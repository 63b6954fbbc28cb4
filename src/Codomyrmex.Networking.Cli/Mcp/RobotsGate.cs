using System.Collections.Concurrent;
using Codomyrmex.Networking.Cli.Mcp.Tools;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Asks sites what they ask of programs (RFC 9309) before a page of theirs is fetched, and keeps the answer for an hour.</summary>
internal sealed class RobotsGate(ToolHost host)
{
    private const string Agent = "codonet";
    private const int MostSites = 256;
    private const int MostHops = 5;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (RobotsRules Rules, long ReadAt)> _sites = new();

    /// <exception cref="NetworkException">The site asks not to, or does not say what it asks.</exception>
    public async Task CheckAsync(Uri url, BudgetLease lease, CancellationToken cancellationToken)
    {
        var site = url.GetLeftPart(UriPartial.Authority);
        if (!_sites.TryGetValue(site, out var known) || host.Clock.GetElapsedTime(known.ReadAt) > Kept)
        {
            known = (await ReadAsync(site, lease, cancellationToken), host.Clock.GetTimestamp());
            if (_sites.Count >= MostSites)
                _sites.Clear();
            _sites[site] = known;
        }
        if (!known.Rules.Allows(url.PathAndQuery))
            throw Denied(url, $"{site}/robots.txt asks programs not to fetch {url.AbsolutePath}");
    }

    private async Task<RobotsRules> ReadAsync(string site, BudgetLease lease, CancellationToken cancellationToken)
    {
        var url = new Uri(site + "/robots.txt");
        for (var hops = 0; ; hops++)
        {
            lease.SpendRequest();
            lease.SpendHost(url.IdnHost);
            using var response = await host.Client.StreamAsync(url.AbsoluteUri, new RequestOptions { Timeouts = host.Timeouts, Redirects = RedirectOptions.None }, cancellationToken);
            // Five are to be followed (RFC 9309, section 2.3.1.2).
            if (hops < MostHops && response.Status is 301 or 302 or 303 or 307 or 308 && response.Headers["Location"] is { } location &&
                Uri.TryCreate(url, location, out var next) && next.Scheme is "http" or "https" && (next.Scheme == "https" || url.Scheme == "http"))
            {
                url = HttpTools.Checked(() => new Uri(host.Client.Prepare(new Request("GET", next.AbsoluteUri)).Url));
                continue;
            }
            return await ReadAsync(site, response, lease, cancellationToken);
        }
    }

    private static async Task<RobotsRules> ReadAsync(string site, Response response, BudgetLease lease, CancellationToken cancellationToken)
    {
        if (response.Status is >= 300 and < 500)
            return RobotsFile.AllowAll.RulesFor(Agent);
        if (!response.IsSuccess)
            throw Denied(response.Url, $"{site}/robots.txt cannot be read ({response.Status}), so nothing there may be fetched (RFC 9309, section 2.3.1.4)", isTransient: true);
        var (bytes, _) = await BodyReader.ReadAsync(response, Math.Min(RobotsFile.MaxBytes, lease.Bytes), lease, cancellationToken);
        return RobotsFile.Parse(bytes.Span).RulesFor(Agent);
    }

    private static NetworkException Denied(Uri url, string why, bool isTransient = false) => new NetworkFailure
    {
        Code = ErrorCodes.PolicyRobots,
        Message = why + ".",
        Phase = NetworkPhase.Policy,
        Endpoint = Endpoint.Of(url),
        IsTransient = isTransient,
        WasSent = WasSent.Never,
    }.ToException();
}
