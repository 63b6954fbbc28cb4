using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a <see cref="LoopbackProxy"/> listens and whom it serves.</summary>
public sealed record LoopbackProxyOptions
{
    /// <summary>The loopback address. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The user that clients must name; null asks for none. The default value is null.</summary>
    public string? User { get; init; }

    /// <summary>The password that goes with <see cref="User"/>; SOCKS4 has none. The default value is null.</summary>
    public string? Password { get; init; }

    /// <summary>TLS between client and proxy (an <c>https</c> proxy); null speaks in the clear. The default value is null.</summary>
    public LoopbackTlsOptions? Tls { get; init; }

    /// <summary>Loopback addresses for names that the proxy resolves; <c>localhost</c> is known without. The default value is empty.</summary>
    public IReadOnlyDictionary<string, IPAddress> Hosts { get; init; } = new Dictionary<string, IPAddress>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Says what to do with an authenticated request. The default value is null: forward it.</summary>
    public Func<ProxiedRequest, ProxyDecision>? Decide { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Address = ").Append(Address).Append(", Port = ").Append(Port).Append(", User = ").Append(User is null ? "none" : "***");
        return true;
    }
}
