using System.Net;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>An answer as a cassette knows it.</summary>
internal sealed class CassetteAnswer
{
    public required int Status { get; init; }

    public string? Reason { get; init; }

    public required List<string> Headers { get; init; }

    /// <summary>The body in the parts it came in; JSON in one. Set when the body is over.</summary>
    public List<CassettePart>? Body { get; set; }

    /// <summary>What broke the body, where it did not end by itself.</summary>
    public CassetteFailure? Broke { get; set; }

    public static CassetteAnswer Of(HttpResponseMessage message, CassetteOptions options)
    {
        var masking = new CassetteMasking(options);
        return new CassetteAnswer
        {
            Status = (int)message.StatusCode,
            Reason = message.ReasonPhrase,
            Headers =
            [
                .. from field in message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated)
                   // A masked body has another length.
                   where !field.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !field.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                   from value in field.Value
                   select masking.Field(field.Key, value),
            ],
        };
    }

    public HttpResponseMessage ToMessage(HttpRequestMessage request, CassetteOptions options)
    {
        var message = new HttpResponseMessage((HttpStatusCode)Status)
        {
            ReasonPhrase = Reason,
            RequestMessage = request,
            Content = new StreamContent(new PlayedStream(this, options)),
        };
        foreach (var field in Headers)
        {
            var colon = field.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0 && !message.Headers.TryAddWithoutValidation(field[..colon], field[(colon + 2)..]))
                message.Content.Headers.TryAddWithoutValidation(field[..colon], field[(colon + 2)..]);
        }
        return message;
    }
}
