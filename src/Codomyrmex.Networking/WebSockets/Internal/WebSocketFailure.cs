using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Puts the end of an open connection into words.</summary>
internal static class WebSocketFailure
{
    /// <summary>The peer broke the protocol, or sent more than a limit allows.</summary>
    public static WebSocketException Broken(Endpoint endpoint, ProtocolFault fault) => new(new NetworkFailure
    {
        Code = fault.Code == WebSocketCloseCode.MessageTooBig ? ErrorCodes.WsTooLarge : ErrorCodes.WsProtocol,
        Message = $"{endpoint} {fault.Reason}.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Maybe,
    })
    { CloseCode = fault.Code };

    /// <summary>The peer closed for a reason that is none to be content with.</summary>
    public static WebSocketException ClosedWith(Endpoint endpoint, WebSocketClose close) => new(new NetworkFailure
    {
        Code = ErrorCodes.WsClosedAbnormally,
        Message = close.Reason.Length == 0
            ? $"{endpoint} closed the WebSocket with code {(int)close.Code}."
            : $"{endpoint} closed the WebSocket with code {(int)close.Code}: {Printable.Text(close.Reason)}.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Maybe,
        IsTransient = close.Code is WebSocketCloseCode.GoingAway or WebSocketCloseCode.InternalError or WebSocketCloseCode.ServiceRestart
            or WebSocketCloseCode.TryAgainLater or WebSocketCloseCode.BadGateway,
    })
    { CloseCode = close.Code, CloseReason = close.Reason };

    /// <summary>The connection ended without a close frame.</summary>
    public static NetworkException Lost(Endpoint endpoint, Exception? error)
    {
        if (error is not null && ErrorMap.Ours(error) is { } ours)
            return ours;
        return new WebSocketException(new NetworkFailure
        {
            Code = ErrorCodes.WsClosedAbnormally,
            Message = error switch
            {
                null or ObjectDisposedException => $"{endpoint} ended the connection without closing the WebSocket.",
                _ => $"The connection to {endpoint} broke ({Innermost(error)}).",
            },
            Phase = NetworkPhase.Receive,
            Endpoint = endpoint,
            WasSent = WasSent.Maybe,
        }, error)
        { CloseCode = WebSocketCloseCode.Abnormal };
    }

    /// <summary>The connection was lost, and so many attempts to make another failed.</summary>
    /// <param name="endpoint">To whom.</param>
    /// <param name="loss">How the last connection ended; null where it was closed cleanly.</param>
    /// <param name="count">How many attempts there were.</param>
    /// <param name="attempts">What they tried.</param>
    /// <param name="last">How the last one failed.</param>
    public static NetworkException GaveUp(Endpoint endpoint, NetworkException? loss, int count, IReadOnlyList<Attempt> attempts, NetworkException last)
    {
        var story = loss?.Message ?? $"{endpoint} closed the WebSocket.";
        var ending = ReferenceEquals(last, loss) ? "" : $" The last said: {last.Message}";
        var failure = (loss ?? last).Failure with
        {
            Message = $"{story} {count} attempts in a row to connect again failed (WebSocketReconnect.MaxAttempts).{ending}",
            Attempts = [.. attempts],
        };
        return (loss ?? last) is WebSocketException known ? Like(known, failure, last) : failure.ToException(last);
    }

    /// <summary>Nothing came from the peer, not even an answer to a ping.</summary>
    public static NetworkException Silent(Endpoint endpoint, TimeSpan allowed, string option) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutIdle,
        Message = $"{endpoint} sent nothing within {allowed.TotalSeconds:0.###} s of a ping ({option}).",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Maybe,
    }.ToException();

    /// <summary>Nothing can be sent any more.</summary>
    public static WebSocketException Closed(Endpoint? endpoint) => new(new NetworkFailure
    {
        Code = ErrorCodes.WsClosed,
        Message = $"The WebSocket{(endpoint is null ? "" : $" to {endpoint}")} is closed: nothing is sent any more.",
        Phase = NetworkPhase.Send,
        Endpoint = endpoint,
    });

    /// <summary>There is no room in the send queue.</summary>
    public static NetworkException QueueFull(int bytes) => new NetworkFailure
    {
        Code = ErrorCodes.WsQueueFull,
        Message = $"{bytes} bytes wait to be sent already (SendQueueOptions.Bytes).",
        Phase = NetworkPhase.Send,
    }.ToException();

    /// <summary>A hook of the caller's failed on a connection.</summary>
    public static NetworkException Of(Endpoint endpoint, Exception error, string option) => error as NetworkException ?? new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = $"{option} failed for {endpoint}: {error.Message}",
        Phase = NetworkPhase.Send,
        Endpoint = endpoint,
    }.ToException(error);

    /// <summary>Another exception with the same facts: one for each caller, so that their stacks do not mix.</summary>
    public static NetworkException Again(NetworkException first) => first is WebSocketException known ? Like(known, known.Failure, known) : first.Failure.ToException(first);

    /// <summary>Whether an exception is how a connection ends.</summary>
    public static bool IsLoss(Exception error) => error is IOException or SocketException or ObjectDisposedException or NetworkException;

    private static WebSocketException Like(WebSocketException known, NetworkFailure failure, Exception inner) => new(failure, inner)
    {
        CloseCode = known.CloseCode,
        CloseReason = known.CloseReason,
        Status = known.Status,
        Headers = known.Headers,
        BodyExcerpt = known.BodyExcerpt,
    };

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
