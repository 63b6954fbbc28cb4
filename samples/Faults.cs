using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>A real server on the loopback interface, and what it can be told to do wrong.</summary>
public static class Faults
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: faults
        await using var lab = LoopbackServer.Start()
            .Map("GET", "/report", exchange => exchange.RespondAsync(200, new string('x', 1000)))
            .Inject(Fault.Reset(after: 100) with { Path = "/report", Times = 1 });

        await using var client = new HTTPClient(new HTTPClientOptions { Retry = RetryOptions.Default with { BaseDelay = TimeSpan.Zero } });
        using var report = await client.GetAsync($"{lab.Url}report", cancellationToken: ct);
        await output.WriteLineAsync($"{report.Content.Length} bytes after {report.Attempts[0].Code} and a retry; {lab.Requests.Count} requests, {lab.FaultCount} fault");
        // end

        // sample: tls
        using var authority = new TestCertificateAuthority();
        await using var secure = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } })
            .MapStatic("GET", "/", "hello"u8.ToArray())
            .Inject(Fault.Expired(authority) with { Connection = 1 });

        await using var careful = new HTTPClient(new HTTPClientOptions
        {
            Transport = TransportOptions.Default with { Tls = TlsOptions.Default with { TrustedRoots = [authority.Root] } },
        });
        try
        {
            await careful.GetAsync(secure.Url.ToString(), cancellationToken: ct);
        }
        catch (SSLException error)
        {
            await output.WriteLineAsync($"{error.Code}, sent: {error.WasSent}");
        }
        // end
    }
}
