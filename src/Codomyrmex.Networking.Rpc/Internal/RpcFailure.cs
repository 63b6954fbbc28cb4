using System.Net.Sockets;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Puts failures of calls into words.</summary>
internal static class RpcFailure
{
    private const int ShownData = 1024;

    public static NetworkException Remote(IRpcChannel channel, string method, EnvelopeError error) => error.Code == EnvelopeError.Late ? Late(channel, method) : new RpcException(new NetworkFailure
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
