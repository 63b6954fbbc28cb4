using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>Clients with a bounded patience, and the error of a call that must fail.</summary>
internal static class Calls
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static HTTPClientOptions Options { get; } = new()
    {
        Retry = RetryOptions.None,
        Timeouts = Timeouts.Default with { Total = Patience },
    };

    public static HTTPClientOptions Trusting(X509Certificate2 root, TlsOptions? tls = null) =>
        Options with { Transport = new TransportOptions { Tls = (tls ?? TlsOptions.Default) with { TrustedRoots = [root] } } };

    public static async Task<NetworkException> FailureAsync(string url, HTTPClientOptions options)
    {
        using var client = new HTTPClient(options);
        try
        {
            using var response = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
            throw new Xunit.Sdk.XunitException($"An answer came instead of an error: {response.Status} {response.Tls}");
        }
        catch (NetworkException error)
        {
            return error;
        }
    }
}
