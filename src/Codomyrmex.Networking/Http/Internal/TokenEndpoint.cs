using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Asks a token endpoint (RFC 6749, sections 4.4 and 6). It knows the refresh token of the moment; one request at a time.</summary>
internal sealed class TokenEndpoint(OAuth2Options options)
{
    private const int AnswerBytes = 256 * 1024;
    private string? _refreshToken = options.RefreshToken;

    /// <summary>Fetches a token over the connections of a call: its transport, policy and timeouts hold here too.</summary>
    public async Task<AccessToken> FetchAsync(HttpExchange exchange)
    {
        using var client = new HTTPClient(ClientOptions(exchange), exchange.Session.Pool);
        var askedAt = exchange.Clock.GetUtcNow();
        var headers = new HeaderMap { ["Accept"] = "application/json" };
        if (options is { ClientSecret: { } secret, ClientAuthentication: OAuth2ClientAuthentication.Basic })
            headers["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{RequestBody.FormEscape(options.ClientId)}:{RequestBody.FormEscape(secret)}"));
        using var response = await client.PostAsync(options.TokenUrl, RequestBody.Form(Fields()), new RequestOptions { Headers = headers }).ConfigureAwait(false);
        return await ReadAsync(response, askedAt).ConfigureAwait(false);
    }

    private IEnumerable<KeyValuePair<string, string>> Fields()
    {
        yield return new("grant_type", _refreshToken is null ? "client_credentials" : "refresh_token");
        if (_refreshToken is not null)
            yield return new("refresh_token", _refreshToken);
        if (options.ClientSecret is null || options.ClientAuthentication == OAuth2ClientAuthentication.Body)
            yield return new("client_id", options.ClientId);
        if (options is { ClientSecret: { } secret, ClientAuthentication: OAuth2ClientAuthentication.Body })
            yield return new("client_secret", secret);
        if (options.Scope is not null)
            yield return new("scope", options.Scope);
        foreach (var parameter in options.Parameters)
            yield return parameter;
    }

    // Nothing of the session's own but how it connects: no cache, cookies, middleware or fields. What is worth a retry is retried with the call itself.
    private static HTTPClientOptions ClientOptions(HttpExchange exchange)
    {
        var session = exchange.Session.Options;
        return new HTTPClientOptions
        {
            UserAgent = session.UserAgent,
            Version = session.Version,
            Timeouts = exchange.Timeouts,
            Transport = exchange.Handler.Options,
            MessageHandler = session.MessageHandler,
            MessageHandlerTrustedForEgress = session.MessageHandlerTrustedForEgress,
            Logger = session.Logger,
            Clock = session.Clock,
            Limits = exchange.Limits with { BufferedBytes = AnswerBytes },
            Retry = RetryOptions.None,
            Redirects = RedirectOptions.None,
        };
    }

    private async Task<AccessToken> ReadAsync(Response response, DateTimeOffset askedAt)
    {
        var answer = Answer(response);
        if (response.Status != 200)
            throw Refused(response, answer);
        if (Member(answer, "access_token") is not { Length: > 0 } value || !FieldRules.IsValue(value))
            throw Unusable(response, "has no access_token");
        // RFC 6749, section 7.1: a token of a type that is not understood must not be used.
        if (Member(answer, "token_type") is not { } type || !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            throw Unusable(response, "is not of the type Bearer");
        var token = Token(value, Lifetime(answer), askedAt);
        if (Member(answer, "refresh_token") is { Length: > 0 } rotated && _refreshToken is not null && rotated != _refreshToken)
        {
            _refreshToken = rotated;
            await TellAsync(response.Endpoint, rotated).ConfigureAwait(false);
        }
        return token;
    }

    private AccessToken Token(string value, TimeSpan? lifetime, DateTimeOffset askedAt)
    {
        if (lifetime is not { } time)
            return new AccessToken(value, null, null);
        var before = options.RefreshBefore < time / 2 ? options.RefreshBefore : time / 2;
        return new AccessToken(value, askedAt + time - before, askedAt + time);
    }

    private async Task TellAsync(Endpoint endpoint, string rotated)
    {
        if (options.RefreshTokenChanged is not { } changed)
            return;
        try
        {
            await changed(rotated, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            throw AuthenticationFailure.Of($"The new refresh token from {endpoint} could not be kept: {error.Message}", endpoint, cause: error);
        }
    }

    private static JsonElement Answer(Response response)
    {
        try
        {
            using var document = JsonDocument.Parse(response.Content);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Member(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A number, though some servers quote it. What is no time at all says nothing.
    private static TimeSpan? Lifetime(JsonElement answer)
    {
        if (!answer.TryGetProperty("expires_in", out var value))
            return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        return double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    // RFC 6749, section 5.2.
    private HTTPException Refused(Response response, JsonElement answer)
    {
        var why = Member(answer, "error") is { } error ? $": {error}{(Member(answer, "error_description") is { } more ? $" ({more})" : "")}" : "";
        return Failure(response, $"answered {response.Status}{why}", response.Status is 429 or >= 500);
    }

    private HTTPException Unusable(Response response, string what) => Failure(response, $"sent what {what}", false);

    private HTTPException Failure(Response response, string what, bool isTransient) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpAuthentication,
        Message = Masked($"The token endpoint {response.Endpoint} {what}."),
        Phase = NetworkPhase.Receive,
        Endpoint = response.Endpoint,
        WasSent = WasSent.Yes,
        IsTransient = isTransient,
        RetryAfter = response.RetryAfter,
        RequestId = response.RequestId,
        Attempts = response.Attempts,
    })
    { Status = response.Status };

    // An endpoint may repeat what it was sent.
    private string Masked(string text)
    {
        foreach (var secret in (string?[])[options.ClientSecret, options.RefreshToken, _refreshToken])
        {
            if (!string.IsNullOrEmpty(secret))
                text = text.Replace(secret, Redactor.Mask, StringComparison.Ordinal);
        }
        return text.Length <= 500 ? text : text[..500] + "…";
    }
}
