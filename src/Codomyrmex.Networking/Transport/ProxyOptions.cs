using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Transport.Internal;

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
    public IReadOnlyList<string> NoProxy
    {
        get;
        // A copy: the value is part of the key under which connections are shared, so it must not change afterwards.
        init => field = [.. value ?? throw new ArgumentNullException(nameof(value))];
    } = [];

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
        var mark = url.IndexOf("://", StringComparison.Ordinal);
        var scheme = mark < 0 ? "http" : url[..mark].ToLowerInvariant();
        var (kind, port) = scheme switch
        {
            "http" => (ProxyKind.Http, 80),
            "https" => (ProxyKind.Https, 443),
            "socks4" or "socks4a" => (ProxyKind.Socks4a, 1080),
            "socks5" => (ProxyKind.Socks5, 1080),
            "socks5h" => (ProxyKind.Socks5h, 1080),
            _ => throw new FormatException($"'{WithoutUserInfo(scheme)}' is not a proxy scheme; use http, https, socks4a, socks5 or socks5h."),
        };
        var rest = mark < 0 ? url : url.AsSpan(mark + 3);
        var end = rest.IndexOfAny("/?#");
        // A '/', '?' or '#' that belongs to a password ends the host too early: "http://user:12#3@host" would go to the host "user".
        if (end >= 0 && rest[end..] is not "/")
            throw new FormatException($"'{WithoutUserInfo(url)}' has more than user, password, host and port; write '/', '?' and '#' of a password as %2F, %3F and %23.");
        var authority = UrlAuthority.Parse(end < 0 ? rest : rest[..end]);
        if (authority.Problem is not null)
            throw new FormatException($"'{WithoutUserInfo(url)}' is not a proxy URL, scheme://host:port: it {authority.Problem}.");
        var userInfo = authority.UserInfo.ToString();
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        var proxy = new ProxyOptions
        {
            Kind = kind,
            Host = authority.Host,
            Port = authority.Port ?? port,
            User = userInfo.Length == 0 ? null : Uri.UnescapeDataString(colon < 0 ? userInfo : userInfo[..colon]),
            Password = colon < 0 ? null : Uri.UnescapeDataString(userInfo[(colon + 1)..]),
        };
        try
        {
            proxy.Validate();
        }
        catch (ArgumentException wrong)
        {
            throw new FormatException(wrong.Message, wrong);
        }
        return proxy;
    }

    /// <summary>
    /// The proxy that the environment names for URLs of a scheme, as curl reads it: <c>https_proxy</c>, <c>HTTPS_PROXY</c>, then
    /// <c>all_proxy</c>, <c>ALL_PROXY</c>, with <c>no_proxy</c> or <c>NO_PROXY</c>. The library never reads the environment unasked.
    /// </summary>
    /// <remarks>
    /// In a CGI process <c>HTTP_PROXY</c> is a request header that anybody may send (httpoxy, CVE-2016-5385), so it is ignored where
    /// <c>REQUEST_METHOD</c> is set. <see cref="TrustedForEgress"/> stays false: a restrictive policy still refuses such a proxy.
    /// </remarks>
    /// <param name="scheme"><c>http</c>, <c>https</c>, <c>ws</c> (as http), <c>wss</c> (as https) or another scheme's name.</param>
    /// <param name="read">Reads a variable. The default is <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <returns>The proxy, or null where none is named.</returns>
    /// <exception cref="FormatException">A variable is malformed; the message names it, without the password.</exception>
    public static ProxyOptions? FromEnvironment(string scheme, Func<string, string?>? read = null) =>
        ProxyEnvironment.Read(scheme, read ?? Environment.GetEnvironmentVariable);

    internal string LayerName => $"{Kind.ToString().ToLowerInvariant()} {new Endpoint(Host, Port)}";

    /// <summary>Throws where a value makes no sense. No message holds the user or the password.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentException("ProxyOptions.Kind is not one of the kinds.", nameof(Kind));
        ArgumentNullException.ThrowIfNull(Host, "ProxyOptions.Host");
        if ((HostText.ParseStrict(Host).Problem ?? (Host.StartsWith('[') ? "has brackets" : Ascii.IsValid(Host) ? null : "is not in ASCII (xn--…)")) is { } problem)
            throw new ArgumentException($"ProxyOptions.Host: '{Printable.Text(Host)}' is not a host name or an address: it {problem}.", nameof(Host));
        if (Port is < 1 or > 65535)
            throw new ArgumentOutOfRangeException(nameof(Port), Port, "ProxyOptions.Port is not 1 to 65535.");
        if (Password is not null && User is null)
            throw new ArgumentException("ProxyOptions.Password is set without ProxyOptions.User.", nameof(Password));
        ValidateCredential(User, nameof(User));
        ValidateCredential(Password, nameof(Password));
        if (Kind is ProxyKind.Socks5 or ProxyKind.Socks5h && User is { Length: 0 })
            throw new ArgumentException("ProxyOptions.User is empty, which SOCKS5 does not allow (RFC 1929).", nameof(User));
        if (Kind == ProxyKind.Socks4a && Password is not null)
            throw new ArgumentException("ProxyOptions.Password: SOCKS4 carries no password; use SOCKS5.", nameof(Password));
        if (Kind is ProxyKind.Http or ProxyKind.Https && User?.Contains(':', StringComparison.Ordinal) == true)
            throw new ArgumentException("ProxyOptions.User holds a colon, which Basic authentication does not allow (RFC 7617).", nameof(User));
        try
        {
            _ = Internal.NoProxy.Parse(NoProxy);
        }
        catch (FormatException wrong)
        {
            throw new ArgumentException("ProxyOptions.NoProxy: " + wrong.Message, nameof(NoProxy), wrong);
        }
    }

    /// <summary>Whether both reach the same proxy in the same way, and bypass it for the same list: lists compare by content.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ProxyOptions? other) =>
        other is not null && Kind == other.Kind && Host == other.Host && Port == other.Port && User == other.User && Password == other.Password &&
        TrustedForEgress == other.TrustedForEgress && NoProxy.SequenceEqual(other.NoProxy, StringComparer.Ordinal);

    /// <summary>A hash of what <see cref="Equals(ProxyOptions)"/> compares.</summary>
    public override int GetHashCode() => HashCode.Combine(Kind, Host, Port, User, Password, TrustedForEgress, NoProxy.Count);

    /// <summary>The URL without user and password.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}://{new Endpoint(Host, Port)}");

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(this);
        return true;
    }

    private void ValidateCredential(string? value, string name)
    {
        if (value is null)
            return;
        if (value.Any(char.IsControl))
            throw new ArgumentException($"ProxyOptions.{name} holds a control character.", name);
        // RFC 1929, section 2: one octet holds the length.
        if (Kind is not (ProxyKind.Http or ProxyKind.Https) && Encoding.UTF8.GetByteCount(value) > 255)
            throw new ArgumentException($"ProxyOptions.{name} is longer than the 255 bytes that SOCKS can carry.", name);
    }

    /// <summary>Text that failed to parse as a URL may hold its password anywhere before the last '@'.</summary>
    private static string WithoutUserInfo(string url)
    {
        var at = url.LastIndexOf('@');
        return Printable.Text(at < 0 ? url : Redactor.Mask + url[at..]);
    }
}
