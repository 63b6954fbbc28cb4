using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>What a client remembers of servers: cookies, and hosts that are for https alone; and lists that come page by page.</summary>
public static class Memory
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        // sample: cookies
        var jar = await CookieJar.LoadAsync(file, new CookieJarOptions { SaveSessionCookies = true }, ct);
        await using var client = new HTTPClient(new HTTPClientOptions { Cookies = jar, Hsts = new HstsStore() });

        using var response = await client.GetAsync($"{server}cookies/set?flavour=oat", cancellationToken: ct);
        await output.WriteLineAsync($"{response.Json().GetProperty("cookies")} from {jar.Cookies[0]}");
        using var without = await client.GetAsync($"{server}cookies", new() { UseCookies = false }, ct);
        await output.WriteLineAsync($"{without.Json().GetProperty("cookies")}");
        await jar.SaveAsync(file, ct);
        // end
        File.Delete(file);

        // sample: pages
        static Request? NextOf(Response page) =>
            int.Parse(page.Json().GetProperty("args").GetProperty("page").GetString()!) is < 3 and var number
                ? new Request("GET", $"/get?page={number + 1}")
                : null;

        await foreach (var page in client.PagesAsync(new Request("GET", $"{server}get?page=1"), NextOf, cancellationToken: ct))
        {
            using (page)
                await output.WriteLineAsync($"page {page.Json().GetProperty("args").GetProperty("page")}");
        }
        // end

        // sample: curl
        var request = Request.FromCurl($"curl -s -H 'Accept: application/json' --json '{{\"a\": 1}}' {server}post");
        using var sent = await client.SendAsync(request, ct);
        await output.WriteLineAsync($"{request.ToCurl()} → {sent.Status}");
        // end
    }
}
