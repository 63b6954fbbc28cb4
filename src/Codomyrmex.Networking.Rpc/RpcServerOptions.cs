using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Rpc;

/// <summary>How an <see cref="RpcServer"/> speaks, and with whom. Immutable.</summary>
public sealed record RpcServerOptions
{
    /// <summary>The settings of every conversation, its methods among them. The default value serves nothing.</summary>
    public RpcOptions Rpc { get; init; } = RpcOptions.Default;

    /// <summary>
    /// Who the server is, for addresses of <c>tls</c> and <c>wss</c>; with <see cref="TlsServerOptions.ClientRoots"/>, whom it asks to prove the same. The default value is null.
    /// </summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>Decides who may speak, once a handshake has proved who they are; a peer who may not is hung up on. The default value is null: everyone who got so far.</summary>
    public Func<RpcPeer, bool>? Admit { get; init; }

    /// <summary>Is told of every conversation when it begins: to call the peer in turn. The default value is null.</summary>
    public Action<RpcConnection>? Connected { get; init; }

    /// <summary>Pages whose scripts may open a WebSocket, such as <c>https://example.com</c>. The default value is empty: no browser may, other clients do not say.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What peers are granted. The default value is that of a <see cref="TCPServer"/>, but a conversation may be silent for any time.</summary>
    public TCPServerLimits Limits { get; init; } = TCPServerLimits.Default with { Idle = Timeout.InfiniteTimeSpan, Read = Timeout.InfiniteTimeSpan, MinimumRate = 0 };

    /// <summary>
    /// The bytes of messages that one address may have here at a time (of IPv6, a network of 64 bits; over a Unix-domain socket, a conversation): those that arrive,
    /// those that are being served, and answers that it has not read. A message that does not fit ends its conversation, a call is answered with -32000. The default value is 64 MiB.
    /// </summary>
    public int BytesPerAddress { get; init; } = 64 * 1024 * 1024;

    /// <summary>Where connections that failed are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Rpc, "RpcServerOptions.Rpc");
        ArgumentNullException.ThrowIfNull(Limits, "RpcServerOptions.Limits");
        Rpc.Validate();
        if (BytesPerAddress / 2 < Rpc.MessageBytes)
            throw new ArgumentOutOfRangeException("RpcServerOptions.BytesPerAddress", BytesPerAddress, "It is at least twice RpcOptions.MessageBytes: a message that has arrived and is being served is here twice.");
        Tls?.Validate();
        Limits.Validate();
    }
}
