using System.Text.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Turns a status that the caller does not want into an exception worth reading.</summary>
internal static class StatusFailure
{
    private const int ExcerptLength = 1024;

    public static HTTPException Of(Response response) => Of(response, response.IsBuffered ? response.Content.Span : default);

    /// <summary>The error for a status, with what is known of the body.</summary>
    public static HTTPException Of(Response response, ReadOnlySpan<byte> beginning) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpStatus,
        Message = $"{response.Method} {Redactor.Redact(response.Url.GetLeftPart(UriPartial.Path))} answered {response.Status} {response.Reason}".TrimEnd() + ".",
        Phase = NetworkPhase.Receive,
        Endpoint = response.Endpoint,
        WasSent = WasSent.Yes,
        IsTransient = response.Status is 408 or 425 or 429 or 500 or 502 or 503 or 504,
        RetryAfter = response.RetryAfter,
        RequestId = response.RequestId,
        Attempts = response.Attempts,
        Elapsed = response.Timings.Total,
    })
    {
        Status = response.Status,
        BodyExcerpt = Excerpt(response, beginning),
        Problem = Problem(response, beginning),
    };

    /// <summary>The beginning of the body, what does not print escaped; null without a buffered one.</summary>
    public static string? Excerpt(Response response) => Excerpt(response, response.IsBuffered ? response.Content.Span : default);

    /// <summary>The beginning of a body as text, what does not print escaped; null where there is none.</summary>
    public static string? Excerpt(Response response, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return null;
        var text = TextDecoding.Decode(bytes[..Math.Min(bytes.Length, ExcerptLength * 4)], MediaType.Parse(response.Field("Content-Type")));
        return Redactor.Redact(Printable.Lines(text.AsSpan(0, Math.Min(text.Length, ExcerptLength))));
    }

    private static ProblemDetails? Problem(Response response, ReadOnlySpan<byte> beginning)
    {
        if (beginning.IsEmpty || response.ContentType != "application/problem+json")
            return null;
        try
        {
            var reader = new Utf8JsonReader(beginning);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? null : new ProblemDetails(
                Member(root, "type") ?? "about:blank", Member(root, "title"), Member(root, "detail"), Member(root, "instance"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
