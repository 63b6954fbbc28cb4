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

    /// <summary>Where connections that failed are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Rpc, "RpcServerOptions.Rpc");
        ArgumentNullException.ThrowIfNull(Limits, "RpcServerOptions.Limits");
        Rpc.Validate();
        Tls?.Validate();
        Limits.Validate();
    }
}
