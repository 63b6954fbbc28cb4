using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about the egress policy.</summary>
internal static class DemoPolicy
{
    // Where clouds keep the credentials of the machine: the address that forged requests ask for first.
    private const string Metadata = "http://169.254.169.254/latest/meta-data/";

    public static DemoStep[] Steps(Lab lab) =>
    [
        new("Egress policy", "keep a program off this machine", ct => DenyAsync(lab, $"{lab.Http.Url}get", EgressPolicy.PublicInternetOnly, ct)),
        new("Egress policy", "see through an odd spelling", ct => DenyAsync(lab, $"http://0x7f000001:{lab.Http.Port}/get", EgressPolicy.PublicInternetOnly, ct)),
        new("Egress policy", "stop a redirect to a private address", ct => DenyAsync(lab, $"{lab.Http.Url}redirect-to?url={Uri.EscapeDataString(Metadata)}",
            EgressPolicy.PublicInternetOnly.Allowing($"127.0.0.1:{lab.Http.Port}"), ct, visits: 1)),
    ];

    private static async Task<string> DenyAsync(Lab lab, string url, EgressPolicy policy, CancellationToken cancellationToken, int visits = 0)
    {
        var before = lab.Http.ConnectionCount;
        await using var client = new HTTPClient(new HTTPClientOptions { Transport = TransportOptions.Default with { Policy = policy } });
        var error = await DemoFailure.CatchAsync<PolicyException>(client.GetAsync(url, null, cancellationToken), ErrorCodes.PolicyDenied);
        var seen = lab.Http.ConnectionCount - before;
        DemoFailure.Unless(seen == visits, $"the server saw {seen} connections instead of {visits}");
        return $"{error.Code} by {error.Rule}";
    }
}
