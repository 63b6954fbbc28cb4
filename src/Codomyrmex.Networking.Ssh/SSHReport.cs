using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh;

/// <summary>What happened on the way to an SSH server, as far as it went. Immutable.</summary>
public sealed record SSHReport
{
    /// <summary>Whom the connection was for.</summary>
    public required Endpoint Endpoint { get; init; }

    /// <summary>What client and server agreed on, and the key that the server showed, accepted or not; null where it did not come to that.</summary>
    public SSHConnectionFacts? Facts { get; init; }

    /// <summary>Whether the host key was accepted.</summary>
    public bool IsHostKeyAccepted { get; init; }

    /// <summary>Whether the server let the user in.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>Time for identifications, key exchange and the judgement of the host key; null where that was not reached.</summary>
    public TimeSpan? Handshake { get; init; }

    /// <summary>Time for authentication; null where that was not reached.</summary>
    public TimeSpan? Authentication { get; init; }

    /// <summary>What the connection lies on, the lowest layer first.</summary>
    public IReadOnlyList<TransportLayer> Layers { get; init; } = [];

    /// <summary>Where it broke; null where it did not.</summary>
    public NetworkException? Failure { get; init; }
}
