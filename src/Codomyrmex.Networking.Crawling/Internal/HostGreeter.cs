using System.Globalization;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Asks a host what it allows, and what it shows where nothing is. Thread-safe.</summary>
internal sealed class HostGreeter(CrawlerOptions options, HTTPClient client, Counters counters, Dice dice)
{
    // RFC 9309, section 2.3.1.2: at least five in a row. The client follows them, and asks the egress policy of each.
    private static readonly RequestOptions RobotsRequest = new()
    {
        Redirects = RedirectOptions.Default with { Limit = 5 },
        Headers = new HeaderMap { { "Accept", "text/plain, */*;q=0.1" } },
    };

    /// <summary>Fetches robots.txt.</summary>
    public async Task<HostGreeting> RobotsAsync(string origin, CancellationToken cancellationToken)
    {
        if (!options.Politeness.ObeyRobots)
            return new(RobotsFile.AllowAll);
        Counters.Count(ref counters.Requests);
        try
        {
            using var response = await client.StreamAsync(origin + "/robots.txt", RobotsRequest, cancellationToken).ConfigureAwait(false);
            // "Unavailable" allows everything, "unreachable" nothing (section 2.3.1). 429 is written like the one and means the other.
            if (response.Status is 429 or >= 500)
                return new(null, response.RetryAfter);
            return response.IsSuccess ? new(await ParseAsync(response, cancellationToken).ConfigureAwait(false)) : new(RobotsFile.AllowAll);
        }
        catch (HTTPException error) when (error.Code is ErrorCodes.HttpTooManyRedirects or ErrorCodes.HttpRedirectRefused)
        {
            return new(RobotsFile.AllowAll);
        }
        catch (PolicyException error)
        {
            counters.Note(error);
            // Also where only its robots.txt leads to where nothing may go: what it would say is not known.
            return new(RobotsFile.DenyAll, IsDenied: true);
        }
        catch (NetworkException error)
        {
            counters.Note(error);
            return new(null);
        }
    }

    /// <summary>What the host shows for a page that cannot be there; null where it says so by the status, as it should, or does not answer.</summary>
    public async Task<PageSignature?> NotFoundAsync(HostLane lane, RobotsRules rules, PageReader reader, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/{dice.Next():x16}");
        if (!options.DetectSoftNotFound || !rules.Allows(path))
            return null;
        Counters.Count(ref counters.Requests);
        try
        {
            using var response = await client.GetAsync(lane.Origin + path, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (response.Status != 200 || !PageReader.IsHtml(response.ContentType))
                return null;
            var facts = reader.Read<object?>(PageReader.Utf8(response, response.Headers), lane.Origin + path, null, null);
            return PageSignature.Of(facts.Structure, facts.Title, path);
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    // What lies beyond is not read, and not waited for (section 2.5).
    private static async Task<RobotsFile> ParseAsync(Response response, CancellationToken cancellationToken)
    {
        var buffer = new byte[RobotsFile.MaxBytes];
        var count = await response.OpenStream().ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return RobotsFile.Parse(buffer.AsSpan(0, count));
    }
}
