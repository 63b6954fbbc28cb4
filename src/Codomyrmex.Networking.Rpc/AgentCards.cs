using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc;

/// <summary>Fetches what agents say of themselves (A2A), and checks who signed it.</summary>
public static class AgentCards
{
    /// <summary>Where an agent's card is on its host (A2A 1.0, section 8.2).</summary>
    public const string WellKnownPath = "/.well-known/agent-card.json";

    private const int MostKeySets = 3;
    private static readonly ResponseLimits Limits = ResponseLimits.Default with { BufferedBytes = 1024 * 1024 };

    /// <summary>Fetches an agent's card and checks its signature: a JSON Web Signature over the card's canonical form (RFC 7515, RFC 8785).</summary>
    /// <param name="url">The agent's host, <c>https://agent.example.com</c>, or the card itself.</param>
    /// <param name="options">How it is fetched, and whom it is believed; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">
    /// It could not be fetched (<c>policy.denied</c> where its host may not be reached, <c>http.status</c> also for a redirect, <c>http.decode</c> for what is no card), it has no signature
    /// (<c>signature.missing</c>), or none that is right by a key that is trusted (<c>signature.invalid</c>).
    /// </exception>
    /// <exception cref="ArgumentException">The URL is none, or the trusted keys are no set of keys.</exception>
    public static async Task<AgentCard> FetchAsync(string url, AgentCardOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= AgentCardOptions.Default;
        var trusted = options.TrustedKeys is null ? null : ReadTrusted(options.TrustedKeys);
        if (options.Client is { } client)
            return await FetchAsync(client, url, trusted, options, cancellationToken).ConfigureAwait(false);
        using var own = new HTTPClient(HTTPProfiles.Agents);
        return await FetchAsync(own, url, trusted, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<AgentCard> FetchAsync(HTTPClient client, string url, IReadOnlyList<JsonWebKey>? trusted, AgentCardOptions options, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(client, Complete(url), cancellationToken).ConfigureAwait(false);
        var json = Parse(response);
        var signatures = CardSignature.ReadAll(json);
        if (!json.TryGetProperty("signatures", out var written) || written.ValueKind == JsonValueKind.Null || (written.ValueKind == JsonValueKind.Array && written.GetArrayLength() == 0))
            return options.AllowUnsigned ? new AgentCard(response.Url, json, null, null) : throw Failure(ErrorCodes.SignatureMissing, response.Url, "bears no signature (AgentCardOptions.AllowUnsigned)");
        var (keyId, keySet) = await CheckAsync(json, signatures, response.Url, trusted, client, options, cancellationToken).ConfigureAwait(false);
        return new AgentCard(response.Url, json, keyId, keySet);
    }

    private static async Task<(string KeyId, string? KeySetUrl)> CheckAsync(
        JsonElement card, IReadOnlyList<CardSignature> signatures, Uri url, IReadOnlyList<JsonWebKey>? trusted, HTTPClient client, AgentCardOptions options, CancellationToken cancellationToken)
    {
        List<string> payloads;
        try
        {
            payloads = [.. CardSignature.Payloads(card)];
        }
        catch (FormatException error)
        {
            throw Failure(ErrorCodes.SignatureInvalid, url, $"has no canonical form: {error.Message.TrimEnd('.')}", error);
        }
        var sets = new Dictionary<string, IReadOnlyList<JsonWebKey>>(StringComparer.Ordinal);
        foreach (var signature in signatures)
        {
            var keys = trusted;
            if (keys is null && (signature.KeySetUrl is not { } place || !IsTrusted(place, url, options)))
                continue;
            if (keys is null && !sets.TryGetValue(signature.KeySetUrl!, out keys))
            {
                if (sets.Count == MostKeySets)
                    continue;
                sets[signature.KeySetUrl!] = keys = await FetchKeysAsync(client, signature.KeySetUrl!, cancellationToken).ConfigureAwait(false);
            }
            cancellationToken.ThrowIfCancellationRequested();
            // More than two keys of one name are there to keep us busy.
            if (keys!.Where(key => key.Id == signature.KeyId).Take(2).Any(key => payloads.Exists(payload => signature.IsBy(key, payload))))
                return (signature.KeyId, trusted is null ? signature.KeySetUrl : null);
        }
        throw Failure(ErrorCodes.SignatureInvalid, url, "bears no signature that is right and by a trusted key");
    }

    private static async Task<IReadOnlyList<JsonWebKey>> FetchKeysAsync(HTTPClient client, string url, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(client, url, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonWebKey.ReadSet(response.Content.Span);
        }
        catch (FormatException error)
        {
            throw Undecodable(response.Url, error);
        }
    }

    // A redirect would let a host's careless one hand out another's card, or keys: neither follows any.
    private static async Task<Response> GetAsync(HTTPClient client, string url, CancellationToken cancellationToken)
    {
        var request = new RequestOptions { Redirects = RedirectOptions.None, Limits = Limits, Headers = new HeaderMap { ["Accept"] = "application/json" } };
        var response = await client.GetAsync(url, request, cancellationToken).ConfigureAwait(false);
        try
        {
            return response.EnsureSuccess();
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static JsonElement Parse(Response response)
    {
        try
        {
            var json = JsonElement.Parse(response.Content.Span, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            // Half a character shows only where it is read.
            _ = CanonicalJson.Write(json);
            return json.ValueKind == JsonValueKind.Object ? json : throw new FormatException("An agent card is an object.");
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw Undecodable(response.Url, error);
        }
    }

    private static bool IsTrusted(string place, Uri card, AgentCardOptions options) =>
        Uri.TryCreate(place, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Scheme is "https" or "http" &&
        (Origin(url) == Origin(card) || options.TrustedKeyOrigins.Any(origin => Uri.TryCreate(origin, UriKind.Absolute, out var trusted) && Origin(trusted) == Origin(url)));

    private static string Origin(Uri url) => string.Create(CultureInfo.InvariantCulture, $"{url.Scheme}://{url.IdnHost}:{url.Port}");

    private static string Complete(string url)
    {
        ArgumentException.ThrowIfNullOrEmpty(url);
        var path = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? url.IndexOf('/', at + 3) : -1;
        return path < 0 ? url + WellKnownPath : path == url.Length - 1 ? url.TrimEnd('/') + WellKnownPath : url;
    }

    private static IReadOnlyList<JsonWebKey> ReadTrusted(string keys)
    {
        try
        {
            return JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(keys));
        }
        catch (FormatException error)
        {
            throw new ArgumentException("AgentCardOptions.TrustedKeys: " + error.Message, nameof(keys), error);
        }
    }

    private static NetworkException Failure(string code, Uri url, string what, Exception? inner = null) => new NetworkFailure
    {
        Code = code,
        Message = $"The agent card at {url.GetLeftPart(UriPartial.Path)} {what}.",
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint.Of(url),
        WasSent = WasSent.Yes,
    }.ToException(inner);

    private static NetworkException Undecodable(Uri url, Exception error) => new NetworkFailure
    {
        Code = ErrorCodes.HttpDecode,
        Message = $"{url.GetLeftPart(UriPartial.Path)} is not what it should be: {error.Message.TrimEnd('.')}.",
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint.Of(url),
        WasSent = WasSent.Yes,
    }.ToException(error);
}
