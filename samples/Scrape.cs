using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Fetching pages that strangers name: public addresses only, small bodies, few redirects, and links to go on with.</summary>
public static class Scrape
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: guard
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            UserAgent = "example-crawler/1.0 (+https://example.com/crawler)",
            Limits = ResponseLimits.Default with { BufferedBytes = 2 * 1024 * 1024 },
            Redirects = RedirectOptions.Default with { Limit = 3 },
            Transport = TransportOptions.Default with
            {
                // The one exception stands for a page that may be fetched although it is not on the public Internet.
                Policy = EgressPolicy.PublicInternetOnly.Allowing($"{server.Host}:{server.Port}"),
            },
        });

        using var page = await client.GetAsync($"{server}links/3", cancellationToken: ct);
        await output.WriteLineAsync($"{page.ContentType}, {page.Content.Length} bytes");

        try
        {
            await client.GetAsync($"{server}redirect-to?url=http://169.254.169.254/latest/meta-data/", cancellationToken: ct);
        }
        catch (PolicyException error)
        {
            await output.WriteLineAsync($"{error.Code}: {error.Rule}");
        }
        // end
    }
}
