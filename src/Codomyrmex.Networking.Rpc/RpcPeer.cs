using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Rpc;

/// <summary>Who is on the other side of a conversation. Immutable.</summary>
public sealed record RpcPeer
{
    /// <summary>A peer of whom nothing is known, as over a stream that was handed in.</summary>
    public static RpcPeer Unknown { get; } = new();

    /// <summary>Its address; null where there is none.</summary>
    public Endpoint? Endpoint { get; init; }

    /// <summary>
    /// The certificate that it proved to hold: a client's, where the server asks for one (<see cref="TlsServerOptions.ClientRoots"/>), or a server's. The default value is null:
    /// it proved nothing. Over a WebSocket that was dialled, the server's is checked but not told.
    /// </summary>
    public CertificateFacts? Certificate { get; init; }

    /// <summary>Its certificate's subject, or its address.</summary>
    public override string ToString() => Certificate?.Subject ?? Endpoint?.ToString() ?? "unknown";
}
