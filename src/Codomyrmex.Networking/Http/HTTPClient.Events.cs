using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Streams of events.</summary>
public sealed partial class HTTPClient
{
    /// <summary>
    /// Sends a request, of any method and with any body, and gives out the server-sent events of its answer as they arrive (WHATWG HTML, section 9.2).
    /// Leaving the loop, or cancelling, closes the connection.
    /// </summary>
    /// <param name="request">The request. <c>Accept: text/event-stream</c> is added unless it has an <c>Accept</c> of its own.</param>
    /// <param name="options">How the stream ends, and whether it is resumed; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call and the stream.</param>
    /// <remarks>
    /// <para>
    /// The rules for retries hold until the first event has come; from then on nothing is sent again unless <see cref="EventStreamOptions.Resume"/>
    /// says so. <see cref="Timeouts.Idle"/> holds between two arrivals, comments included; <see cref="Timeouts.Total"/> spans the whole stream, all
    /// connections together: for a subscription without an end it is <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </para>
    /// <para>Events that report an error inside an answer of status 200 are given out like others. Each enumeration sends the request anew.</para>
    /// </remarks>
    /// <exception cref="HTTPException">The status is not a success (<c>http.status</c>), or the answer no stream of events (<c>http.decode</c>).</exception>
    /// <exception cref="StreamTruncatedException">The stream was over before <see cref="EventStreamOptions.Until"/>.</exception>
    public IAsyncEnumerable<ServerSentEvent> EventsAsync(Request request, EventStreamOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        options ??= EventStreamOptions.Default;
        options.Validate();
        options.Resume.Check(request);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return EventSession.ReadAsync(this, request, options, cancellationToken);
    }
}
