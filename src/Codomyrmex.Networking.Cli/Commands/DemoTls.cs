using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about TLS.</summary>
internal static class DemoTls
{
    public static DemoStep[] Steps(Lab lab) =>
    [
        new("TLS", "trust an authority of our own", ct => TrustAsync(lab, ct)),
        new("TLS", "refuse a certificate from a stranger", ct => RefuseAsync(lab.Https.Url, TlsOptions.Default, ErrorCodes.TlsUntrusted, ct)),
        new("TLS", "refuse an expired certificate", ct => ExpireAsync(lab, ct)),
        new("TLS", "refuse a key that is not the pinned one", ct => PinAsync(lab, ct)),
    ];

    private static async Task<string> TrustAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = Client(Trusting(lab));
        using var response = (await client.GetAsync($"{lab.Https.Url}get", null, cancellationToken)).EnsureSuccess();
        var tls = response.Tls ?? throw new DemoFailure("no TLS was spoken");
        return $"{tls.Protocol}, {tls.CipherSuite}, certificate from {tls.Chain[0].Issuer}";
    }

    private static async Task<string> ExpireAsync(Lab lab, CancellationToken cancellationToken)
    {
        var old = lab.Authority.Issue(new TestCertificateOptions { NotBefore = DateTimeOffset.UnixEpoch.AddYears(50), NotAfter = DateTimeOffset.UnixEpoch.AddYears(51) });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = old } });
        return await RefuseAsync(server.Url, Trusting(lab), ErrorCodes.TlsExpired, cancellationToken);
    }

    private static Task<string> PinAsync(Lab lab, CancellationToken cancellationToken) =>
        RefuseAsync(lab.Https.Url, Trusting(lab) with { Pins = [Convert.ToBase64String(new byte[32])] }, ErrorCodes.TlsPin, cancellationToken);

    private static async Task<string> RefuseAsync(Uri url, TlsOptions tls, string code, CancellationToken cancellationToken)
    {
        await using var client = Client(tls);
        return DemoTrouble.Told(await DemoFailure.CatchAsync<SSLException>(client.GetAsync(url.AbsoluteUri, null, cancellationToken), code));
    }

    private static TlsOptions Trusting(Lab lab) => TlsOptions.Default with { TrustedRoots = [lab.Authority.Root] };

    private static HTTPClient Client(TlsOptions tls) =>
        new(new HTTPClientOptions { Transport = TransportOptions.Default with { Tls = tls }, Retry = RetryOptions.None });
}
