using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Rpc;

/// <summary>How <see cref="RpcConnection.ConnectAsync"/> reaches a peer, and speaks with it. Immutable.</summary>
public sealed record RpcConnectOptions
{
    /// <summary>The defaults.</summary>
    public static RpcConnectOptions Default { get; } = new();

    /// <summary>The settings of the conversation.</summary>
    public RpcOptions Rpc { get; init; } = RpcOptions.Default;

    /// <summary>How the connection is made: egress policy, roots, the certificate to present (<see cref="TlsOptions.ClientCertificate"/>), proxy, names.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>Limits for the opening of the connection; a conversation may be silent for any time.</summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>Fields of a WebSocket's handshake. The default value is null: none.</summary>
    public HeaderMap? Headers { get; init; }
}
