using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking;

/// <summary>Whom an operation talks to: a host and a port as the caller named them, or the path of a Unix-domain socket.</summary>
/// <param name="Host">Host name, IPv4 or IPv6 address without brackets; the path for a Unix-domain socket.</param>
/// <param name="Port">Port, 1 to 65535; 0 for a Unix-domain socket and for a name that is only looked up.</param>
public sealed record Endpoint(string Host, int Port)
{
    /// <summary>Whether <see cref="Host"/> is the path of a Unix-domain socket.</summary>
    public bool IsUnixSocket => Port == 0 && Host.StartsWith('/');

    /// <summary>The endpoint of an absolute URL.</summary>
    /// <param name="url">An absolute URL with a host.</param>
    public static Endpoint Of(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return new Endpoint(url.IdnHost, url.Port);
    }

    /// <summary>The endpoint of an IP address and port.</summary>
    /// <param name="address">The address.</param>
    public static Endpoint Of(IPEndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new Endpoint(address.Address.ToString(), address.Port);
    }

    /// <summary><c>host:port</c>, <c>[ipv6]:port</c>, <c>unix:/path</c>, or the bare host where there is no port.</summary>
    public override string ToString()
    {
        if (IsUnixSocket)
            return "unix:" + Host;
        if (Port == 0)
            return Host;
        return Host.Contains(':')
            ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
    }
}
