using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Checks who sent a webhook, by the signatures of Standard Webhooks 1.0, which OpenAI and others send: <c>webhook-id</c>, <c>webhook-timestamp</c> and
/// <c>webhook-signature</c> (or <c>svix-…</c>), an HMAC-SHA256 over id, time and body. Thread-safe.
/// </summary>
/// <remarks>Check the body as it came, before anything reads it; and do what a message asks once for each id: a sender repeats what it is not sure of.</remarks>
public sealed class WebhookSignature
{
    private const string SecretPrefix = "whsec_";
    private const int MostSignatures = 16;

    private readonly byte[][] _secrets;
    private readonly WebhookOptions _options;

    /// <summary>Makes a check.</summary>
    /// <param name="secret">The secret that the sender showed, <c>whsec_…</c>; base64 of 16 to 64 bytes behind the prefix.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A secret is none.</exception>
    public WebhookSignature(string secret, WebhookOptions? options = null)
    {
        _options = options ?? WebhookOptions.Default;
        _options.Validate();
        _secrets = [Read(secret), .. _options.OtherSecrets.Select(Read)];
    }

    /// <summary>Checks a message.</summary>
    /// <param name="headers">Its header fields.</param>
    /// <param name="body">Its body, byte for byte.</param>
    /// <returns>The message's id, by which repeats are told.</returns>
    /// <exception cref="NetworkException">It bears no signature (<c>signature.missing</c>), none by a secret that is known (<c>signature.invalid</c>), or one of another time (<c>signature.expired</c>).</exception>
    public string Verify(HeaderMap headers, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var (id, time, signatures) = (Field(headers, "id"), Field(headers, "timestamp"), Field(headers, "signature"));
        if (id is null || time is null || signatures is null)
            throw Failure(ErrorCodes.SignatureMissing, "The webhook has no webhook-id, webhook-timestamp and webhook-signature, each once.");
        if (!IsSigned(id, time, signatures, body))
            throw Failure(ErrorCodes.SignatureInvalid, "No signature of the webhook is by a secret that is known.");
        // After the signature: what is not signed says nothing, not even that it is late.
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || Math.Abs(_options.Clock.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) > _options.Tolerance.TotalSeconds)
            throw Failure(ErrorCodes.SignatureExpired, $"The webhook was signed more than {_options.Tolerance.TotalSeconds:0.###} s from now (WebhookOptions.Tolerance).");
        return id;
    }

    /// <summary>Says nothing of the secrets.</summary>
    public override string ToString() => $"{nameof(WebhookSignature)} with {_secrets.Length} secrets";

    private bool IsSigned(string id, string time, string signatures, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{time}."), .. body];
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isRight = false;
        foreach (var one in signatures.Split(' ', MostSignatures + 1).Take(MostSignatures))
        {
            // Others, such as v1a with a public key, are for those who know them.
            if (!one.StartsWith("v1,", StringComparison.Ordinal) || !Convert.TryFromBase64String(one[3..], given, out var length) || length != given.Length)
                continue;
            foreach (var secret in _secrets)
                isRight |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, signed), given);
        }
        return isRight;
    }

    private static string? Field(HeaderMap headers, string name)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["webhook-", "svix-"])
        {
            var all = headers.GetAll(prefix + name);
            if (all.Count > 0)
                return all.Count == 1 && all[0].Length is > 0 and <= 4096 ? all[0] : null;
        }
        return null;
    }

    private static byte[] Read(string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret;
        var bytes = new byte[text.Length];
        // The message does not quote it.
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= 16 ? bytes[..length] : throw new ArgumentException("A webhook's secret is base64 of at least 16 bytes, behind whsec_.", nameof(secret));
    }

    private static NetworkException Failure(string code, string message) => new NetworkFailure { Code = code, Message = message, Phase = NetworkPhase.Receive, WasSent = WasSent.Yes }.ToException();
}
