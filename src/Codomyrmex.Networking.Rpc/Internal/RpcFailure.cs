using System.Net.Sockets;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Puts failures of calls into words.</summary>
internal static class RpcFailure
{
    private const int ShownData = 1024;

    /// <param name="channel">Where the answer came from.</param>
    /// <param name="method">What was called.</param>
    /// <param name="error">The answer.</param>
    /// <param name="isStopping">Whether the peer has said that it is being stopped: else its code means whatever the peer likes.</param>
    public static NetworkException Remote(IRpcChannel channel, string method, EnvelopeError error, bool isStopping) => error.Code switch
    {
        EnvelopeError.Late => Late(channel, method),
        EnvelopeError.Stopping when isStopping => Stopping(channel, method),
        _ => Answered(channel, method, error),
    };

    /// <summary>The peer takes no more calls.</summary>
    public static RpcException Stopping(IRpcChannel channel, string method) => new(new NetworkFailure
    {
        Code = ErrorCodes.RpcStopping,
        Message = $"{Name(channel)} is being stopped and has not served '{method}'.",
        Phase = NetworkPhase.Send,
        Endpoint = channel.Peer.Endpoint,
        // It may have travelled, but was not served.
        WasSent = WasSent.Never,
    })
    { Method = method };

    private static RpcException Answered(IRpcChannel channel, string method, EnvelopeError error) => new(new NetworkFailure
    {
        Code = error.Code switch
        {
            EnvelopeError.NoMethod => ErrorCodes.RpcNoMethod,
            EnvelopeError.Parameters => ErrorCodes.RpcInvalidParameters,
            _ => ErrorCodes.RpcRemote,
        },
        Message = $"{Name(channel)} answered '{method}' with error {error.Code}: {Cut(error.Message)}",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Peer.Endpoint,
        IsTransient = error.Code == EnvelopeError.Busy,
        WasSent = WasSent.Yes,
    })
    { Method = method, RemoteCode = error.Code, RemoteData = error.Data.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : Cut(error.Data.GetRawText()) };

    public static RpcException Protocol(IRpcChannel channel, string what, Exception? inner) => new(new NetworkFailure
    {
        Code = ErrorCodes.RpcProtocol,
        Message = $"{Name(channel)} {what}.",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Peer.Endpoint,
        WasSent = WasSent.Yes,
    }, inner);

    public static RpcException Disconnected(IRpcChannel channel, string? method, WasSent wasSent, Exception? inner) => new(new NetworkFailure
    {
        Code = ErrorCodes.RpcDisconnected,
        Message = $"The conversation with {Name(channel).Replace("The peer", "the peer", StringComparison.Ordinal)} ended {(method is null ? "before it answered" : $"before '{method}' was answered")}{(inner is null ? "" : ": " + inner.Message.TrimEnd('.'))}.",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Peer.Endpoint,
        WasSent = wasSent,
    }, inner)
    { Method = method };

    /// <summary>No answer, or of a stream no further item, came in time.</summary>
    public static NetworkException TimedOut(IRpcChannel channel, string method, TimeSpan limit, bool isDeadline, WasSent wasSent) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = wasSent == WasSent.Never
            ? $"The deadline had passed before '{method}' was called."
            : $"{Name(channel)} did not {(wasSent == WasSent.Yes ? "answer" : "take")} '{method}' within {limit.TotalSeconds:0.###} s ({(isDeadline ? "RpcCallOptions.Deadline" : "RpcOptions.CallTimeout")}).",
        Phase = wasSent == WasSent.Never ? NetworkPhase.Prepare : NetworkPhase.Receive,
        Endpoint = channel.Peer.Endpoint,
        Elapsed = limit,
        WasSent = wasSent,
    }.ToException();

    private static NetworkException Late(IRpcChannel channel, string method) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = $"{Name(channel)} gave up '{method}', whose deadline had passed there.",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Peer.Endpoint,
        WasSent = WasSent.Yes,
    }.ToException();

    private static string Name(IRpcChannel channel) => channel.Peer == RpcPeer.Unknown ? "The peer" : Cut(channel.Peer.Endpoint?.ToString() ?? channel.Peer.ToString());

    public static bool IsLoss(Exception error) => error is IOException or SocketException or ObjectDisposedException or NetworkException;

    private static string Cut(string text) => text.Length <= ShownData ? text : text[..ShownData] + "…";
}
