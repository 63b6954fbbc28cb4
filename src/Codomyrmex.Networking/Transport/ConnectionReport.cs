using System.Net;

namespace Codomyrmex.Networking.Transport;

/// <summary>What happened on the way to a connection, layer by layer.</summary>
public sealed record ConnectionReport
{
    /// <summary>Whom the connection was for.</summary>
    public required Endpoint Endpoint { get; init; }

    /// <summary>The addresses that the name has, in the order the resolver gave them.</summary>
    public IReadOnlyList<IPAddress> Resolved { get; init; } = [];

    /// <summary>Every address tried, with its time and outcome.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>The address connected to: the proxy's where there is one; null where none was.</summary>
    public EndPoint? Remote { get; init; }

    /// <summary>Time for the name; null where that phase was not reached or not needed.</summary>
    public TimeSpan? Resolve { get; init; }

    /// <summary>Time for the connection.</summary>
    public TimeSpan? Connect { get; init; }

    /// <summary>Time for the proxy.</summary>
    public TimeSpan? Proxy { get; init; }

    /// <summary>Time for TLS.</summary>
    public TimeSpan? Tls { get; init; }

    /// <summary>What was made of it, the lowest layer first; beneath a stream of the caller's (<see cref="TransportOptions.DialOver"/>) what that says of itself.</summary>
    public IReadOnlyList<TransportLayer> Layers { get; init; } = [];

    /// <summary>What TLS agreed on and the certificates it met, also where it did not accept them.</summary>
    public TlsFacts? TlsFacts { get; init; }

    /// <summary>Where it broke; null where it did not.</summary>
    public NetworkException? Failure { get; init; }
}
