using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>How a stream of events goes on after it has ended or broken. Immutable, thread-safe.</summary>
/// <remarks>
/// A request whose method is not safe (POST) is never sent again silently: what it started goes on at the server, and would be started twice.
/// </remarks>
public sealed class EventResume
{
    private const string Field = "Last-Event-ID";
    private const int LongestId = 4096;

    private readonly Func<EventStreamBreak, Request?> _next;

    private EventResume(Func<EventStreamBreak, Request?> next) => _next = next;

    /// <summary>Not at all: the end is the end, a break is an error.</summary>
    public static EventResume Never { get; } = new(static _ => null);

    /// <summary>
    /// As a browser does (WHATWG HTML, section 9.2.3): the same request again, with the last identifier in <c>Last-Event-ID</c>, until the server
    /// answers 204 or the terminal event has come. For safe methods only. A stream whose events carry no identifiers is not resumed, since events
    /// would be lost or come twice.
    /// </summary>
    public static EventResume LastEventId { get; } = new(static point =>
        point.LastEventId is not null ? IdToSend(point.LastEventId) is { } id ? With(point.Request, id) : null
        : point.Events == 0 ? point.Request
        : null);

    /// <summary>With a request of the caller's.</summary>
    /// <param name="next">Makes the request that goes on from there; null gives up.</param>
    public static EventResume With(Func<EventStreamBreak, Request?> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new EventResume(next);
    }

    internal Request? Next(EventStreamBreak point) => _next(point);

    /// <summary>Throws where this way of going on cannot be had for a request.</summary>
    internal void Check(Request request)
    {
        if (!ReferenceEquals(this, LastEventId))
            return;
        if (!IsSafe(request.Method))
            throw new ArgumentException($"EventResume.LastEventId sends the request again, which {request.Method} does not allow silently; use EventResume.With.", nameof(request));
        if (request.Body is { IsReplayable: false })
            throw new ArgumentException("EventResume.LastEventId sends the request again, but its body can be read only once (RequestBody.IsReplayable).", nameof(request));
    }

    /// <summary>Whether the same request goes on from an identifier.</summary>
    internal static bool CanGoOn(string method, string? lastEventId) => IsSafe(method) && lastEventId is not null && IdToSend(lastEventId) is not null;

    // RFC 9110, section 9.2.1, and QUERY.
    private static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "QUERY";

    /// <summary>An identifier as a field's value, in UTF-8 as browsers send it; null where it cannot be one.</summary>
    private static string? IdToSend(string id)
    {
        if (id.Length is 0 or > LongestId || id.AsSpan().ContainsAnyInRange('\0', '\x1f') || id.Contains('\x7f', StringComparison.Ordinal))
            return null;
        return Ascii.IsValid(id) ? id : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(id));
    }

    private static Request With(Request request, string id) => request with
    {
        Options = request.Options with { Headers = new HeaderMap(request.Options.Headers ?? []) { [Field] = id } },
    };
}
