using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Rpc;

/// <content>Conversations that are begun here.</content>
public sealed partial class RpcConnection
{
    // A name that the endpoint of a Unix-domain socket has; nothing is looked up.
    private const string Nowhere = "localhost";

    /// <summary>Connects to a peer: to an <see cref="RpcServer"/>, or to whoever else speaks JSON-RPC in lines or over WebSockets.</summary>
    /// <param name="address"><c>tcp://host:port</c>, <c>tls://host:port</c>, <c>ws://host:port/path</c>, <c>wss://…</c>, <c>unix:/path</c>.</param>
    /// <param name="options">How it is reached and spoken with; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">It could not be reached, or one of the two did not prove who they are.</exception>
    /// <exception cref="ArgumentException">The address is none, or an option is wrong.</exception>
    public static async Task<RpcConnection> ConnectAsync(string address, RpcConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= RpcConnectOptions.Default;
        options.Rpc.Validate();
        var to = RpcAddress.Parse(address, isListening: false);
        if (to.IsWebSocket)
        {
            var socket = await WebSocketClient.ConnectAsync(to.ToString(), new WebSocketOptions
            {
                Transport = options.Transport,
                Timeouts = options.Timeouts with { Idle = Timeout.InfiniteTimeSpan },
                Headers = options.Headers,
                Clock = options.Rpc.Clock,
            }, cancellationToken).ConfigureAwait(false);
            return Over(socket, options.Rpc);
        }
        var client = await TCPClient.ConnectAsync(to.IsUnix ? Nowhere : to.Host, to.IsUnix ? 1 : to.Port, new TCPClientOptions
        {
            UseTls = to.UsesTls,
            Transport = to.IsUnix ? options.Transport with { UnixSocketPath = to.Host } : options.Transport,
            Timeouts = options.Timeouts with { Idle = Timeout.InfiniteTimeSpan },
            Clock = options.Rpc.Clock,
        }, cancellationToken).ConfigureAwait(false);
        var peer = new RpcPeer
        {
            Endpoint = to.IsUnix ? new Endpoint(to.Host, 0) : client.Endpoint,
            Certificate = client.Connection!.Tls is { Chain: [var own, ..] } ? own : null,
        };
        return new RpcConnection(new StreamChannel(client.Connection.AsStream(), RpcFraming.Lines, options.Rpc.MessageBytes, peer, client), options.Rpc);
    }
}
