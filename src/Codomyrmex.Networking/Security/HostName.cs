using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// What a host is, for every part of the library alike. The part that connects must use the same reading as the policy: a host
/// which one parser takes for a name and another for an address is how guards are bypassed.
/// </summary>
internal static class HostName
{
    /// <summary>Why this host must not be used under any policy, as a clause (<c>contains '\'</c>); null for a good host.</summary>
    /// <param name="host">A name or an address, with or without brackets.</param>
    public static string? Problem(string host) => HostText.Parse(host).Problem;

    /// <summary>
    /// Reads the host as an address, in any spelling (<c>127.1</c>, <c>0x7f.1</c>, <c>[::1]</c>, <c>fe80::1%eth0</c>). The zone id is
    /// dropped.
    /// </summary>
    /// <param name="host">A name or an address, with or without brackets.</param>
    /// <param name="address">The address.</param>
    public static bool TryGetAddress(string host, [NotNullWhen(true)] out IPAddress? address)
    {
        var text = HostText.Parse(host);
        address = text.IsAddress ? text.Address.ToAddress() : null;
        return text.IsAddress;
    }

    /// <summary>
    /// The one spelling under which a host is compared: lower case, ASCII, no trailing dot; addresses in their canonical form, without
    /// brackets and zone.
    /// </summary>
    /// <param name="host">A name or an address, with or without brackets.</param>
    /// <exception cref="FormatException">The host has a <see cref="Problem"/>.</exception>
    public static string Canonical(string host)
    {
        var text = HostText.Parse(host);
        if (text.Problem is { } problem)
            throw new FormatException($"Invalid host: it {problem}.");
        if (text.IsAddress)
            return text.Address.ToString();
        return text.Name.Length == host.Length && !text.Name.ContainsAnyInRange('A', 'Z') ? host : text.Name.ToString().ToLowerInvariant();
    }
}
