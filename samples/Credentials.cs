using System.Security.Cryptography;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>Credentials that do more than fill a field: prove a password, fetch a token, sign a message.</summary>
public static class Credentials
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: digest
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            BaseUrl = server.ToString(),
            Credential = Credential.Digest("ada", "lovelace"),
        });
        using var proved = await client.GetAsync("digest-auth/auth/ada/lovelace", cancellationToken: ct);
        await output.WriteLineAsync($"{proved.Status}, and the password was not sent");
        // end

        // sample: tokens
        var tokens = Credential.OAuth2(new OAuth2Options
        {
            TokenUrl = $"{server}oauth2/token",
            ClientId = "reports",
            ClientSecret = "from-a-vault",
            Scope = "reports.read",
        });
        await using var service = new HTTPClient(new HTTPClientOptions { BaseUrl = server.ToString(), Credential = tokens });
        using var report = await service.GetAsync("bearer", cancellationToken: ct);
        await output.WriteLineAsync($"{report.EnsureSuccess().Json().GetProperty("token")}");
        // end

        // sample: sign
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var identity = Credential.WebBotAuth(new WebBotAuthOptions
        {
            Key = MessageSigningKey.Ecdsa(key),
            SignatureAgent = "https://crawler.example",
            ToEveryOrigin = true,
        });
        await using var crawler = new HTTPClient(new HTTPClientOptions { Credential = identity.And(Credential.Signed(new Stamp(), "X-Stamp")) });
        using var seen = await crawler.GetAsync($"{server}headers", cancellationToken: ct);
        await output.WriteLineAsync(seen.Text);
        // end
    }

    // sample: signer
    private sealed class Stamp : RequestSigner
    {
        public override async ValueTask SignAsync(RequestToSign request, CancellationToken cancellationToken)
        {
            var body = await request.HashBodyAsync(HashAlgorithmName.SHA256, cancellationToken);
            request.SetHeader("X-Stamp", $"{request.Now:yyyy-MM-dd} {request.Method} {Convert.ToHexStringLower(body)}");
        }
    }
    // end
}
