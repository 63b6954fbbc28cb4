using System.Globalization;
using System.Security.Cryptography;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// A request as it is about to be sent, every field in it: what a <see cref="RequestSigner"/> signs. It is made anew for each redirect and each
/// attempt, and only for the origin that the credential is bound to. Valid while the signer runs; not thread-safe.
/// </summary>
public sealed class RequestToSign
{
    private readonly WireRequest _wire;

    internal RequestToSign(HttpExchange exchange, WireRequest wire)
    {
        Exchange = exchange;
        _wire = wire;
    }

    /// <summary>The method.</summary>
    public string Method => _wire.Method.Method;

    /// <summary>The absolute URL. Its path and query are sent as <see cref="Uri.PathAndQuery"/> has them.</summary>
    public Uri Url => _wire.RequestUri!;

    /// <summary>The time by the client's clock.</summary>
    public DateTimeOffset Now => Exchange.Clock.GetUtcNow();

    /// <summary>The body's length in bytes; 0 without a body, null where it is not known.</summary>
    public long? BodyLength => Body is { } body ? body.Length : 0;

    /// <summary>Whether the body can be read for a digest and is sent all the same; true without a body.</summary>
    public bool IsBodyReplayable => Body is not { IsReplayable: false };

    /// <summary>Every field, the ones of the body and <c>Host</c> included; names as they are sent, in no special order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            if (!_wire.Headers.NonValidated.Contains("Host"))
                yield return KeyValuePair.Create("Host", Host);
            foreach (var (name, values) in _wire.Headers.NonValidated)
                yield return KeyValuePair.Create(name, string.Join(", ", values));
            if (_wire.Content is null)
                yield break;
            foreach (var (name, values) in _wire.Content.Headers.NonValidated)
            {
                if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                    yield return KeyValuePair.Create(name, string.Join(", ", values));
            }
            if (BodyLength is { } length)
                yield return KeyValuePair.Create("Content-Length", length.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The value of a field, several joined by <c>", "</c>; null where it is absent.</summary>
    /// <param name="name">The field's name, in any case.</param>
    public string? GetHeader(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_wire.Headers.NonValidated.TryGetValues(name, out var values))
            return string.Join(", ", values);
        foreach (var (key, value) in Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    /// <summary>Sets a field, in place of any value that it has.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The name or value is not allowed, or the field is one of the body or frames the message.</exception>
    public void SetHeader(string name, string value)
    {
        FieldRules.CheckName(name);
        FieldRules.CheckValue(name, value);
        _wire.Headers.Remove(name);
        if (_wire.Headers.TryAddWithoutValidation(name, value))
            return;
        if (_wire.Content is null)
            throw new ArgumentException($"{name} describes a body, and there is none.", nameof(name));
        _wire.Content.Headers.Remove(name);
        _wire.Content.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>
    /// A digest of the body, or of no bytes without one. The body is read for it and again to be sent, so it must be replayable.
    /// </summary>
    /// <param name="algorithm">The hash function.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">The body can be read only once (<c>http.authentication</c>).</exception>
    public async ValueTask<byte[]> HashBodyAsync(HashAlgorithmName algorithm, CancellationToken cancellationToken = default)
    {
        if (Body is not { } body)
            return CryptographicOperations.HashData(algorithm, []);
        if (!body.IsReplayable)
            throw AuthenticationFailure.BodyCannotBeHashed(Endpoint, "Send a replayable body, or sign without the body where the server allows it.");
        using var hash = IncrementalHash.CreateHash(algorithm);
        using var stream = new HashingStream(hash);
        await body.WriteAsync(stream, cancellationToken).ConfigureAwait(false);
        return hash.GetHashAndReset();
    }

    /// <summary>Method and URL without its query; never a field's value.</summary>
    public override string ToString() => $"{Method} {Redactor.Redact(Url.GetLeftPart(UriPartial.Path))}";

    internal HttpExchange Exchange { get; }

    internal Endpoint Endpoint => Endpoint.Of(Url);

    /// <summary>The authority as the <c>Host</c> field has it.</summary>
    internal string Host => _wire.Headers.Host ?? UrlAuthority.Of(Endpoint.Host, Url.IsDefaultPort ? null : Url.Port);

    private RequestBody? Body => (_wire.Content as BodyContent)?.Body;
}
