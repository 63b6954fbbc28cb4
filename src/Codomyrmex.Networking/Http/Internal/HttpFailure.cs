using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Puts a failed request into words, with all that its message, its dial and its connection know.</summary>
internal static class HttpFailure
{
    public static NetworkException? Explain(Exception error, WireRequest? wire, PhaseTimer timer, Endpoint endpoint, long startedAt, TimeSpan total, bool inBody)
    {
        if (ErrorMap.Ours(error) is { } ours)
            return Enrich(ours, wire, inBody);
        if (error is OperationCanceledException)
            return timer.HasFired ? TimedOut(wire, timer, endpoint, startedAt, total) : null;
        if (error is not (HttpRequestException or IOException or SocketException or AuthenticationException or InvalidDataException or ObjectDisposedException))
            return null;
        var code = ErrorMap.Code(error, inBody);
        return new NetworkFailure
        {
            Code = code,
            Message = $"{Sentence(code, endpoint, inBody)} ({Innermost(error)})",
            Phase = inBody ? NetworkPhase.Receive : wire?.Phase ?? NetworkPhase.Prepare,
            Endpoint = endpoint,
            Attempts = Attempts(wire, timer, code),
            WasSent = ErrorMap.IsRefusedStream(error) && wire?.IsFollowUp != true ? WasSent.Never : wire?.WasSent ?? WasSent.Never,
        }.ToException(error);
    }

    private static NetworkException Enrich(NetworkException ours, WireRequest? wire, bool inBody)
    {
        var failure = ours.Failure;
        // Over HTTP/2 a request that ends in a failed dial was on no connection before, or was refused there unprocessed.
        var waited = wire is { Connection: null, HeadersReceived: false, IsFollowUp: false } && failure.Phase is >= NetworkPhase.Policy and <= NetworkPhase.Tls;
        var sent = waited ? WasSent.Never : wire?.WasSent ?? WasSent.Never;
        ours.Complete(failure with
        {
            WasSent = sent > failure.WasSent ? sent : failure.WasSent,
            Phase = inBody && failure.Phase == NetworkPhase.Prepare ? NetworkPhase.Receive : failure.Phase,
            Attempts = failure.Attempts.Count > 0 ? failure.Attempts : wire?.Dial?.Attempts ?? [],
        });
        return ours;
    }

    private static NetworkException TimedOut(WireRequest? wire, PhaseTimer timer, Endpoint endpoint, long startedAt, TimeSpan total)
    {
        var phase = wire?.Phase ?? NetworkPhase.Prepare;
        var limit = timer.Armed switch
        {
            ErrorCodes.TimeoutFirstByte => wire!.Timeouts.FirstByte,
            ErrorCodes.TimeoutIdle => wire!.Timeouts.Idle,
            _ => total,
        };
        var waitingAt = wire?.Dial is { IsDone: false, Underlay: { } underlay } && phase <= NetworkPhase.Connect ? underlay.WaitingAt : [];
        var seconds = limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var message = timer.Armed switch
        {
            ErrorCodes.TimeoutFirstByte => $"{endpoint} did not begin to answer within {seconds} s.",
            ErrorCodes.TimeoutIdle => $"{endpoint} sent nothing for {seconds} s in the middle of its answer.",
            _ => $"The deadline of {seconds} s for {endpoint} passed while {Doing(phase, wire)}{(waitingAt.Count > 0 ? $", at {waitingAt[^1]}" : "")}; {WhereTheTimeWent(wire, timer, startedAt)}.",
        };
        return new NetworkFailure
        {
            Code = timer.Armed,
            Message = message,
            Phase = phase,
            Endpoint = endpoint,
            Attempts = Attempts(wire, timer, timer.Armed),
            Layers = waitingAt.Count > 0 ? [$"{wire!.RequestUri!.Scheme} {endpoint}", .. waitingAt] : [],
            WasSent = wire?.WasSent ?? WasSent.Never,
        }.ToException();
    }

    private static string WhereTheTimeWent(WireRequest? wire, PhaseTimer timer, long startedAt)
    {
        var clock = timer.Clock;
        if (wire is null)
            return $"{Ms(clock.GetElapsedTime(startedAt))} before anything was sent";
        var parts = new List<string>();
        var before = clock.GetElapsedTime(startedAt, wire.StartedAt);
        if (before > TimeSpan.FromMilliseconds(1))
            parts.Add($"{Ms(before)} in earlier attempts, waits and redirects");
        if (wire.Dial is { } dial)
        {
            Add(parts, dial.Resolve, "resolving");
            Add(parts, dial.Connect, "connecting");
            Add(parts, dial.Proxy, "the proxy");
            Add(parts, dial.Tls, "TLS");
        }
        parts.Add($"{Ms(clock.GetElapsedTime(wire.StartedAt))} in the last request altogether");
        return string.Join(", ", parts);
    }

    private static void Add(List<string> parts, TimeSpan? took, string what)
    {
        if (took is { } time)
            parts.Add($"{Ms(time)} {what}");
    }

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");

    private static string Doing(NetworkPhase phase, WireRequest? wire) => phase switch
    {
        NetworkPhase.Prepare when wire?.IsPreparing == true => "waiting for its credential",
        NetworkPhase.Wait => "waiting for a connection",
        NetworkPhase.Resolve => "resolving the name",
        NetworkPhase.Connect => "connecting",
        NetworkPhase.Proxy => "talking to the proxy",
        NetworkPhase.Tls => "in the TLS handshake",
        NetworkPhase.FirstByte => "waiting for the answer",
        NetworkPhase.Receive => "receiving the answer",
        _ => "preparing the request",
    };

    private static IReadOnlyList<Attempt> Attempts(WireRequest? wire, PhaseTimer timer, string code)
    {
        if (wire?.Connection?.Trace.Remote is { } remote)
            return [new Attempt(remote.ToString()!, timer.Clock.GetElapsedTime(wire.StartedAt), code)];
        return wire?.Dial?.Attempts ?? [];
    }

    private static string Sentence(string code, Endpoint endpoint, bool inBody) => code switch
    {
        ErrorCodes.TcpReset => $"{endpoint} broke the connection.",
        ErrorCodes.TcpClosedEarly => $"{endpoint} closed the connection before its answer was complete.",
        ErrorCodes.HttpTruncated => $"The body from {endpoint} ended early.",
        ErrorCodes.HttpMalformed => $"The answer of {endpoint} breaks the HTTP protocol.",
        ErrorCodes.HttpTooLarge => $"The status line and fields from {endpoint} are larger than allowed (ResponseLimits.HeaderBytes).",
        ErrorCodes.HttpDecode => $"The body from {endpoint} could not be decoded.",
        _ => $"{(inBody ? "Receiving from" : "The request to")} {endpoint} failed: {ErrorCodes.Find(code)?.Summary ?? code}",
    };

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
