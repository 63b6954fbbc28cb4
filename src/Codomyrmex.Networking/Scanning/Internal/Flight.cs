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
    public long ExpiresAt;

    /// <summary>Its place among those under way.</summary>
    public int Position;
}
