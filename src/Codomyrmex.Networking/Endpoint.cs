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

    /// <summary>The endpoint of an absolute URL, its host in the one spelling that is checked and connected to: lower case, ASCII, no trailing dot.</summary>
    /// <param name="url">An absolute URL with a host.</param>
    /// <exception cref="ArgumentException">The URL has no port, or no host that is a name or an address.</exception>
    public static Endpoint Of(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Port < 0)
            throw new ArgumentException($"'{Printable.Text(Redactor.Redact(url.OriginalString))}' has no host and port.", nameof(url));
        // Not Uri.IdnHost: it maps names in its own way, and throws where it cannot.
        var host = HostText.Parse(url.HostNameType == UriHostNameType.IPv6 ? $"[{url.DnsSafeHost}]" : url.DnsSafeHost);
        return host.Problem is null
            ? new Endpoint(host.Canonical(), url.Port)
            : throw new ArgumentException($"'{Printable.Text(url.DnsSafeHost)}' is not a host: it {host.Problem}.", nameof(url));
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
