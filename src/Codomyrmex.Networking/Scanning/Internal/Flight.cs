namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>A probe under way. A mutable value.</summary>
internal struct Flight
{
    public HostScan Host;

    /// <summary>The place of the port in the order; for a sign of life the port itself.</summary>
    public int Index;

    public FlightKind Kind;
    public int Round;
    public long SentAt;

    /// <summary>Its place among those under way.</summary>
    public int Position;

    /// <summary>When it is given up: by what is known of the host now, not when it was sent.</summary>
    public readonly long ExpiresAt => SentAt + (Round > 0 || Kind == FlightKind.Doubt ? Host.Trips.Repeated : Host.Trips.Timeout);
}
