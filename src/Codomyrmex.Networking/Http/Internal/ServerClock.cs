using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The time as the server has it, for signatures that are good for minutes: this machine's, until a refusal shows in its <c>Date</c> that the two differ. Thread-safe.
/// </summary>
internal sealed class ServerClock
{
    // Services allow 5 or 15 minutes.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(4);

    private long _skewTicks;

    public DateTimeOffset Now(RequestToSign request) => request.Now + TimeSpan.FromTicks(Volatile.Read(ref _skewTicks));

    /// <summary>Learns from a refusal; true where the time of the signature was so far off that another one makes sense.</summary>
    /// <param name="request">What was signed.</param>
    /// <param name="answer">The answer to it.</param>
    /// <param name="signedAt">The time in its signature.</param>
    public bool Learn(RequestToSign request, HttpResponseMessage answer, DateTimeOffset signedAt)
    {
        if (answer.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Forbidden) || answer.Headers.Age is not null || answer.Headers.Date is not { } date || (date - signedAt).Duration() < Tolerance)
            return false;
        Volatile.Write(ref _skewTicks, (date - request.Now).Ticks);
        return true;
    }
}
