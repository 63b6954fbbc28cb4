using System.Net.Sockets;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Puts failures of calls into words.</summary>
internal static class RpcFailure
{
    private const int ShownData = 1024;

    public static RpcException Remote(IRpcChannel channel, string method, EnvelopeError error) => new(new NetworkFailure
    {
        Code = error.Code switch
        {
            EnvelopeError.NoMethod => ErrorCodes.RpcNoMethod,
            EnvelopeError.Parameters => ErrorCodes.RpcInvalidParameters,
            _ => ErrorCodes.RpcRemote,
        },
        Message = $"{channel.Peer} answered '{method}' with error {error.Code}: {Cut(error.Message)}",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Endpoint,
        IsTransient = error.Code == EnvelopeError.Busy,
        WasSent = WasSent.Yes,
    })
    { Method = method, RemoteCode = error.Code, RemoteData = error.Data.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : Cut(error.Data.GetRawText()) };

    public static RpcException Protocol(IRpcChannel channel, string what, Exception inner) => new(new NetworkFailure
    {
        Code = ErrorCodes.RpcProtocol,
        Message = $"{channel.Peer} {what}.",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Endpoint,
        WasSent = WasSent.Yes,
    }, inner);

    public static RpcException Disconnected(IRpcChannel channel, string? method, WasSent wasSent, Exception? inner) => new(new NetworkFailure
    {
        Code = ErrorCodes.RpcDisconnected,
        Message = $"The conversation with {channel.Peer.Replace("The peer", "the peer", StringComparison.Ordinal)} ended {(method is null ? "before it answered" : $"before '{method}' was answered")}{(inner is null ? "" : ": " + inner.Message.TrimEnd('.'))}.",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Endpoint,
        WasSent = wasSent,
    }, inner)
    { Method = method };

    public static NetworkException TimedOut(IRpcChannel channel, string method, TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = $"{channel.Peer} did not answer '{method}' within {limit.TotalSeconds:0.###} s (RpcOptions.CallTimeout).",
        Phase = NetworkPhase.Receive,
        Endpoint = channel.Endpoint,
        Elapsed = limit,
        WasSent = WasSent.Yes,
    }.ToException();

    public static bool IsLoss(Exception error) => error is IOException or SocketException or ObjectDisposedException or NetworkException;

    private static string Cut(string text) => text.Length <= ShownData ? text : text[..ShownData] + "…";
}
