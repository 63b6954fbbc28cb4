using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// The names that services have by the port they are assigned (RFC 6335). A name says what a port is for, not what answers there: that is
/// what probes find out. Thread-safe.
/// </summary>
public static class PortNames
{
    /// <summary>The name of a TCP port's service, in lower case; null where none is known.</summary>
    /// <param name="port">The port. Any number may be asked about.</param>
    public static string? OfTcp(int port) => PortTable.Name(isUdp: false, port);

    /// <summary>The name of a UDP port's service, in lower case; null where none is known.</summary>
    /// <param name="port">The port. Any number may be asked about.</param>
    public static string? OfUdp(int port) => PortTable.Name(isUdp: true, port);
}
