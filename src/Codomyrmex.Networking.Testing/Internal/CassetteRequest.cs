using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A request as a cassette knows it: with every secret masked.</summary>
internal sealed class CassetteRequest
{
    public required string Method { get; init; }

    public required string Url { get; init; }

    public required List<string> Headers { get; init; }

    public CassettePart? Body { get; init; }

    /// <summary>Whether the body is not known, so that any will do.</summary>
    [JsonIgnore]
    public bool TakesAnyBody { get; init; }

    public static CassetteRequest Of(MockRequest request, CassetteOptions options)
    {
        var masking = new CassetteMasking(options);
        return new CassetteRequest
        {
            Method = request.Method,
            Url = masking.Url(request.Url.AbsoluteUri),
            Headers = [.. request.Headers.Select(field => masking.Field(field.Key, field.Value))],
            Body = request.Body.IsEmpty ? null : masking.Body(request.Body.Span, request.Headers["Content-Type"]),
        };
    }

    /// <summary>Whether it asks the same: fields differ from run to run (dates, traces), and do not count.</summary>
    public bool Is(CassetteRequest other) =>
        Method == other.Method && Url == other.Url && (TakesAnyBody || (Body?.Text == other.Body?.Text && Body?.Base64 == other.Body?.Base64));
}
