using System.Text.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Puts into words what goes wrong in the middle of a stream.</summary>
internal static class StreamFailure
{
    /// <summary>Whether an error means that the peer or the way to it broke: not one of our limits or timeouts, which keep their names.</summary>
    public static bool IsBreak(NetworkException error) => error is not (NetworkTimeoutException or PolicyException or RateLimitException or StreamTruncatedException) &&
        error.Code is not (ErrorCodes.HttpTooLarge or ErrorCodes.HttpDecode);

    /// <summary>The error for a stream that was over too early.</summary>
    /// <param name="response">The last response of the stream.</param>
    /// <param name="place">What had come when it was over, and what had not: "events, before …".</param>
    /// <param name="items">How many of them.</param>
    /// <param name="cause">How it broke; null where it ended in good order.</param>
    /// <param name="lastEventId">The last identifier, where it was a stream of events.</param>
    public static StreamTruncatedException CutOff(Response response, string place, long items, NetworkException? cause, string? lastEventId = null) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpStreamTruncated,
        Message = $"The stream from {response.Endpoint} {(cause is null ? "ended" : "broke")} after {items} {place}{(lastEventId is null ? "" : $"; the last id is '{lastEventId}'")}." +
            (cause is null ? "" : $" {cause.Message}"),
        Phase = NetworkPhase.Receive,
        Endpoint = response.Endpoint,
        WasSent = WasSent.Yes,
        RequestId = response.RequestId,
        Attempts = cause is { Attempts.Count: > 0 } ? cause.Attempts : [response.ThisAttempt],
        Elapsed = response.Age,
    }, cause)
    {
        Status = response.Status,
        LastEventId = lastEventId,
        Items = items,
        CanResume = EventResume.CanGoOn(response.Method, lastEventId),
    };

    /// <summary>The error for an answer that is no stream of events.</summary>
    public static HTTPException NotEvents(Response response, ReadOnlySpan<byte> beginning) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpDecode,
        Message = $"{response.Endpoint} answered {response.Status} with {response.ContentType ?? "no Content-Type"} instead of text/event-stream.",
        Hint = "Look at the body's beginning (HTTPException.BodyExcerpt): the server may not have been asked for a stream.",
        Phase = NetworkPhase.Receive,
        Endpoint = response.Endpoint,
        WasSent = WasSent.Yes,
        RequestId = response.RequestId,
        Attempts = response.Attempts,
    })
    {
        Status = response.Status,
        BodyExcerpt = StatusFailure.Excerpt(response, beginning),
    };

    /// <summary>The error for a piece of a stream that is not the JSON expected.</summary>
    public static HTTPException NotJson(string what, Response? response, JsonException error) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpDecode,
        Message = (response is { IsSuccess: false } ? $"{response.Endpoint} answered {response.Status}. " : "") + $"{what} is not the JSON expected: {error.Message}",
        Hint = response is { IsSuccess: false } ? "Look at the status before the body (Response.EnsureSuccess)." : "Look at what the server sends: it may be another format, or another version of it.",
        Phase = NetworkPhase.Receive,
        Endpoint = response?.Endpoint,
        WasSent = WasSent.Yes,
        RequestId = response?.RequestId,
    }, error)
    { Status = response?.Status };
}
