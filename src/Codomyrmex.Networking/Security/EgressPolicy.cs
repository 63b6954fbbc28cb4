using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>Where connections may go.</summary>
public sealed record EgressPolicy
{
    /// <summary>Anywhere.</summary>
    public static EgressPolicy Unrestricted { get; } = new();

    /// <summary>Asks about a target as the caller wrote it, before any name is resolved.</summary>
    /// <param name="scheme">The URL scheme, or null outside URLs.</param>
    /// <param name="host">The host name or address.</param>
    /// <param name="port">The port.</param>
    public PolicyDecision CheckTarget(string? scheme, string host, int port) => PolicyDecision.Allowed;

    /// <summary>Asks about an address that a host resolved to.</summary>
    /// <param name="host">The host it belongs to.</param>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    public PolicyDecision CheckAddress(string host, IPAddress address, int port) => PolicyDecision.Allowed;

    /// <summary>Whether names may be left to a proxy to resolve.</summary>
    public bool IsRestrictive => false;
}
