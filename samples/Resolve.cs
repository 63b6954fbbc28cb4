using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Names resolved by DNS over HTTPS. The server of this sample knows no DNS, so the answer is an error that says so.</summary>
public static class Resolve
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var url = $"{server}status/501";
        // sample: doh
        // A real one: new() { Url = "https://dns.example/dns-query", Bootstrap = [IPAddress.Parse("192.0.2.53")] }
        await using var resolver = new DnsHttpsResolver(new DnsHttpsOptions { Url = url, Bootstrap = [IPAddress.Loopback] });
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            Transport = TransportOptions.Default with { Resolver = new ResolverOptions { Custom = resolver } },
        });
        try
        {
            using var response = await client.GetAsync("http://name.example/", cancellationToken: ct);
        }
        catch (DNSResolutionException error)
        {
            await output.WriteLineAsync($"{error.Code}: {error.Message}");
        }
        // end
    }
}
