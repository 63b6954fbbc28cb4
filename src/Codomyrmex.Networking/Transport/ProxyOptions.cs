using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Transport;

/// <summary>A proxy, its credentials and the hosts that bypass it. Immutable; two equal values share connections.</summary>
public sealed record ProxyOptions
{
    /// <summary>The protocol spoken to the proxy.</summary>
    public required ProxyKind Kind { get; init; }

    /// <summary>The proxy's host.</summary>
    public required string Host { get; init; }

    /// <summary>The proxy's port.</summary>
    public required int Port { get; init; }

    /// <summary>The user, where the proxy asks for one. The default value is null.</summary>
    public string? User { get; init; }

    /// <summary>The password. The default value is null.</summary>
    public string? Password { get; init; }

    /// <summary>
    /// Hosts reached directly: names (<c>example.com</c> covers its subdomains), addresses, CIDR ranges, each with an optional port;
    /// <c>*</c> for all. The default value is empty.
    /// </summary>
    public IReadOnlyList<string> NoProxy { get; init; } = [];

    /// <summary>
    /// Whether the proxy is trusted to reach only what the egress policy allows. A proxy that resolves names itself hides the address
    /// from the policy, so a restrictive policy refuses it unless this says so. The default value is false.
    /// </summary>
    public bool TrustedForEgress { get; init; }

    /// <summary>Reads a proxy URL: <c>http://</c>, <c>https://</c>, <c>socks4a://</c>, <c>socks5://</c> or <c>socks5h://</c>, user and password in it.</summary>
    /// <param name="url">The URL.</param>
    /// <exception cref="FormatException">The URL is not a proxy's; the message says why, without the password.</exception>
    public static ProxyOptions Parse(string url)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        if (!Uri.TryCreate(url.Contains("://", StringComparison.Ordinal) ? url : "http://" + url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new FormatException($"'{Redactor.Redact(url)}' is not a proxy URL; write scheme://host:port.");
        var (kind, port) = uri.Scheme switch
        {
            "http" => (ProxyKind.Http, 80),
            "https" => (ProxyKind.Https, 443),
            "socks4" or "socks4a" => (ProxyKind.Socks4a, 1080),
            "socks5" => (ProxyKind.Socks5, 1080),
            "socks5h" => (ProxyKind.Socks5h, 1080),
            _ => throw new FormatException($"'{uri.Scheme}' is not a proxy scheme; use http, https, socks4a, socks5 or socks5h."),
        };
        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return new ProxyOptions
        {
            Kind = kind,
            Host = uri.IdnHost,
            Port = uri.Port > 0 ? uri.Port : port,
            User = uri.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]),
            Password = colon < 0 ? null : Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]),
        };
    }

    /// <summary>The URL without user and password.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}://{new Endpoint(Host, Port)}");

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(this);
        return true;
    }
}
