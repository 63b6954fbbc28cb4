using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>All of a stored answer but its body.</summary>
/// <param name="Url">The URL, without fragment.</param>
/// <param name="Caller">Who asked, by which way: a digest, empty without credentials on the default transport. One caller's answers are never another's.</param>
/// <param name="VaryNames">The request's fields that the answer varies by (RFC 9111, section 4.1).</param>
/// <param name="VaryValues">Their values in the request that was answered; null for an absent one.</param>
/// <param name="Status">The status.</param>
/// <param name="Reason">The reason phrase.</param>
/// <param name="Fields">The answer's fields: name, value, name, value …</param>
/// <param name="RequestedAt">When the request was sent.</param>
/// <param name="ReceivedAt">When the answer arrived.</param>
internal sealed record CacheRecord(
    string Url, string Caller, string[] VaryNames, string?[] VaryValues, int Status, string? Reason, string[] Fields,
    DateTimeOffset RequestedAt, DateTimeOffset ReceivedAt)
{
    private static readonly string[] OfConnection =
        ["Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];

    private static Tuple<string, string>? _lastTransport;

    private static readonly string[] OfBody = ["Content-Encoding", "Content-Length", "Content-Range", "Content-Type"];

    /// <summary>The record of an answer, or null where it must not be kept (RFC 9111, section 3).</summary>
    public static CacheRecord? Of(HttpResponseMessage message, WireRequest request, string caller, DateTimeOffset requestedAt, DateTimeOffset receivedAt)
    {
        var vary = FieldOf(message, "Vary") ?? "";
        if (vary.Contains('*', StringComparison.Ordinal))
            return null;
        var names = vary.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new CacheRecord(UrlOf(request), caller, names, [.. names.Select(name => VaryOf(request, name))],
            (int)message.StatusCode, message.ReasonPhrase, FieldsOf(message), requestedAt, receivedAt);
    }

    /// <summary>Whether the answer to a GET may be kept, and is worth it: it can be used again as it is, or be confirmed.</summary>
    public static bool MayStore(HttpResponseMessage message)
    {
        var control = CacheControl.Parse(FieldOf(message, "Cache-Control"));
        var status = (int)message.StatusCode;
        if (control.NoStore || status is < 200 or 206 or 304)
            return false;
        var saysHowLong = control.MaxAge is not null || FieldOf(message, "Expires") is not null;
        var canBeAsked = FieldOf(message, "ETag") is not null || FieldOf(message, "Last-Modified") is not null;
        return saysHowLong || (canBeAsked && Freshness.MayBeGuessed(status));
    }

    public string? Field(string name)
    {
        string? all = null;
        for (var i = 0; i < Fields.Length; i += 2)
        {
            if (Fields[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                all = all is null ? Fields[i + 1] : $"{all}, {Fields[i + 1]}";
        }
        return all;
    }

    public static bool IsAboutBody(string name) => Array.Exists(OfBody, field => field.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it can have been written by us: names and values in pairs.</summary>
    [JsonIgnore]
    public bool IsSound => Url is not null && Caller is not null && VaryNames is not null && VaryValues?.Length == VaryNames.Length &&
        Fields is { Length: var count } && count % 2 == 0 && Array.TrueForAll(Fields, static text => text is not null) && Array.TrueForAll(VaryNames, static text => text is not null) && Status is >= 200 and <= 999;

    public bool IsSameVariant(CacheRecord other) =>
        Caller == other.Caller && VaryNames.AsSpan().SequenceEqual(other.VaryNames) && VaryValues.AsSpan().SequenceEqual(other.VaryValues);

    public static string UrlOf(HttpRequestMessage request) => UrlOf(request.RequestUri!);

    public static string UrlOf(Uri url) => url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);

    public static string? FieldOf(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    public static string? FieldOf(HttpResponseMessage message, string name)
    {
        if (message.Headers.NonValidated.TryGetValues(name, out var values) || message.Content.Headers.NonValidated.TryGetValues(name, out values))
            return values.ToString();
        return null;
    }

    /// <summary>What the answer varies by, as it is kept: of a secret only a digest.</summary>
    public static string? VaryOf(HttpRequestMessage request, string name) =>
        FieldOf(request, name) is { } value && Redactor.IsSecretHeader(name, value) ? Digest(value) : FieldOf(request, name);

    /// <summary>A digest of all that sets the caller apart: the transport, and the credentials sent along. Empty for the default transport without any.</summary>
    /// <param name="request">The request.</param>
    /// <param name="transport">Whom the request reaches under its name, and whom it believes: another answer for one is no answer for another.</param>
    /// <param name="identity">What stands for credentials that are not in its fields yet.</param>
    public static string CallerOf(HttpRequestMessage request, string transport, string identity)
    {
        StringBuilder? secrets = identity.Length == 0 ? null : Beginning(transport, identity);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (Redactor.IsSecretHeader(name, values.ToString()))
                (secrets ??= Beginning(transport, identity)).Append(name.ToLowerInvariant()).Append(':').Append(values.ToString()).Append('\n');
        }
        return secrets is null ? CallerOf(transport) : Digest(secrets.ToString());
    }

    // Without credentials it depends on the handler alone, which always gives the same string: the last one is remembered.
    private static string CallerOf(string transport)
    {
        if (transport.Length == 0)
            return "";
        if (_lastTransport is not var (known, caller) || !ReferenceEquals(known, transport))
            _lastTransport = new(transport, caller = Digest(Beginning(transport, "").ToString()));
        return caller;
    }

    private static StringBuilder Beginning(string transport, string identity) =>
        transport.Length + identity.Length == 0 ? new StringBuilder() : new StringBuilder(transport).Append('\n').Append(identity).Append('\n');

    private static string Digest(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string[] FieldsOf(HttpResponseMessage message)
    {
        var fields = new List<string>();
        foreach (var (name, values) in message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated))
        {
            if (Array.Exists(OfConnection, field => field.Equals(name, StringComparison.OrdinalIgnoreCase)))
                continue;
            foreach (var value in values)
                fields.AddRange([name, value]);
        }
        return [.. fields];
    }
}

[JsonSerializable(typeof(CacheRecord))]
internal sealed partial class CacheJson : JsonSerializerContext;
