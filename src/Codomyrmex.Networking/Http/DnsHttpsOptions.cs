using System.Net;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http;

/// <summary>Which server a <see cref="DnsHttpsResolver"/> asks, and how. Immutable.</summary>
public sealed record DnsHttpsOptions
{
    /// <summary>The server's URL, https, as <c>https://dns.example/dns-query</c>. Plain http is allowed on the loopback interface only.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// The addresses of the URL's host: nothing else resolves it, since that would ask the resolver that this one replaces, or this one. Needed
    /// where the host is a name, unless a proxy resolves it; of no use where it is an address. The default value is empty.
    /// </summary>
    public IReadOnlyList<IPAddress> Bootstrap { get; init; } = [];

    /// <summary>Whether questions are sent by GET, which caches on the way can answer, instead of POST. The default value is false.</summary>
    public bool UseGet { get; init; }

    /// <summary>Which addresses are asked for. The default value is both.</summary>
    public IPFamilies Families { get; init; } = IPFamilies.Both;

    /// <summary>How long one question may take, retries included. The default value is 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How the server is reached: policy, TLS, proxy. Give it the policy of the client that the resolver is for. Its resolver is not used,
    /// so a proxy is given by its address. The
    /// default value is the transport's defaults.
    /// </summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        var host = HostText.ParseStrict(Endpoint.Host);
        var uri = RequestUrl.ParseAbsolute(Url, "DnsHttpsOptions.Url");
        if (uri.Scheme != "https" && !(host.IsAddress && IPAddress.IsLoopback(host.Address.ToAddress())))
            throw new ArgumentException("DnsHttpsOptions.Url is not https: anybody on the way could answer.", nameof(Url));
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new ArgumentException("DnsHttpsOptions.Url has more than host, port and path.", nameof(Url));
        if (!host.IsAddress && Bootstrap.Count == 0 && Transport.Proxy is null && Transport.Proxies is null)
            throw new ArgumentException("DnsHttpsOptions.Bootstrap is empty, and DnsHttpsOptions.Url names a host: say at which addresses it is reached.", nameof(Bootstrap));
        if (!Enum.IsDefined(Families))
            throw new ArgumentException("DnsHttpsOptions.Families is none of the choices.", nameof(Families));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero, "DnsHttpsOptions.Timeout");
        Transport.Validate();
    }

    internal Endpoint Endpoint => Endpoint.Of(RequestUrl.ParseAbsolute(Url, "DnsHttpsOptions.Url"));
}
