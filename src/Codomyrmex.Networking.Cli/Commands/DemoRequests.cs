using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about plain requests.</summary>
internal static class DemoRequests
{
    public static DemoStep[] Steps(Lab lab) =>
    [
        new("Requests", "GET a JSON document", ct => GetAsync(lab, ct)),
        new("Requests", "POST JSON, read it back", ct => PostAsync(lab, ct)),
        new("Requests", "send header fields and a password", ct => LogInAsync(lab, ct)),
        new("Requests", "follow redirects", ct => RedirectAsync(lab, ct)),
        new("Requests", "keep the password from another host", ct => LeaveOriginAsync(lab, ct)),
        new("Requests", "decode a compressed answer", ct => DecodeAsync(lab, ct)),
        new("Requests", "use a connection again", ct => ReuseAsync(lab, ct)),
    ];

    private static async Task<string> GetAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        using var response = (await client.GetAsync($"{lab.Http.Url}json", null, cancellationToken)).EnsureSuccess();
        var members = response.Json().EnumerateObject().Count();
        return $"{response.Status} {response.Reason}, {response.ContentType}, {response.Content.Length} bytes, {members} members";
    }

    private static async Task<string> PostAsync(Lab lab, CancellationToken cancellationToken)
    {
        const string Sent = """{"name":"valve","size":3}""";
        await using var client = new HTTPClient();
        var body = RequestBody.Bytes(Encoding.UTF8.GetBytes(Sent), "application/json");
        using var response = (await client.PostAsync($"{lab.Http.Url}post", body, null, cancellationToken)).EnsureSuccess();
        var back = response.Json().GetProperty("json").GetRawText();
        DemoFailure.Unless(JsonElement.DeepEquals(JsonDocument.Parse(back).RootElement, JsonDocument.Parse(Sent).RootElement), $"sent {Sent}, but the server read {back}");
        return $"the server read {Sent}";
    }

    private static async Task<string> LogInAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            BaseUrl = lab.Http.Url.AbsoluteUri,
            Credential = Credential.Basic("ada", "lovelace"),
            Headers = new HeaderMap { ["X-Demo"] = "yes" },
        });
        using var login = (await client.GetAsync("/basic-auth/ada/lovelace", null, cancellationToken)).EnsureSuccess();
        using var fields = (await client.GetAsync("/headers", null, cancellationToken)).EnsureSuccess();
        DemoFailure.Unless(fields.Text.Contains("\"X-Demo\"", StringComparison.OrdinalIgnoreCase), "the server did not see X-Demo");
        return $"logged in as {login.Json().GetProperty("user").GetString()}; X-Demo: yes arrived";
    }

    private static async Task<string> RedirectAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        using var response = (await client.GetAsync($"{lab.Http.Url}redirect/3", null, cancellationToken)).EnsureSuccess();
        DemoFailure.Unless(response.History.Count == 3, $"followed {response.History.Count} redirects instead of 3");
        return string.Join(" → ", [.. response.History.Select(hop => hop.Url.AbsolutePath), response.Url.AbsolutePath]);
    }

    private static async Task<string> LeaveOriginAsync(Lab lab, CancellationToken cancellationToken)
    {
        var transport = TransportOptions.Default with { Tls = TlsOptions.Default with { TrustedRoots = [lab.Authority.Root] } };
        await using var client = new HTTPClient(new HTTPClientOptions { Credential = Credential.Basic("ada", "lovelace", lab.Http.Url.AbsoluteUri), Transport = transport });
        var url = $"{lab.Http.Url}redirect-to?url={Uri.EscapeDataString($"{lab.Https.Url}headers")}";
        using var response = (await client.GetAsync(url, null, cancellationToken)).EnsureSuccess();
        DemoFailure.Unless(!response.Text.Contains("authorization", StringComparison.OrdinalIgnoreCase), "the password crossed to another origin");
        return $"{lab.Http.Url.Authority} got it, {lab.Https.Url.Authority} behind a redirect did not";
    }

    private static async Task<string> DecodeAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        using var response = (await client.GetAsync($"{lab.Http.Url}brotli", null, cancellationToken)).EnsureSuccess();
        _ = response.Json();
        return $"{response.Headers["Content-Encoding"]}, {response.Content.Length} bytes of JSON when decoded";
    }

    private static async Task<string> ReuseAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        using var first = await client.GetAsync($"{lab.Http.Url}get", null, cancellationToken);
        using var second = await client.GetAsync($"{lab.Http.Url}get", null, cancellationToken);
        DemoFailure.Unless(second.IsReused, "the second request opened a connection of its own");
        return $"first request {Rendering.Milliseconds.Text(first.Timings.Total)}, second {Rendering.Milliseconds.Text(second.Timings.Total)}";
    }
}
