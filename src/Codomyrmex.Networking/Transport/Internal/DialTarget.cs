using System.Net.Security;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What to connect to, and how far up: the seam that every protocol hands to the dialer.</summary>
/// <param name="Endpoint">Host and port as the caller named them.</param>
/// <param name="Scheme">The URL scheme, for the policy; null outside URLs.</param>
/// <param name="UseTls">Whether TLS is spoken to the endpoint.</param>
/// <param name="Protocols">ALPN protocols to offer, in order of preference; empty for none.</param>
/// <param name="StopAtProxy">
/// Whether the connection ends at the proxy: plain HTTP is sent to an HTTP proxy as absolute-form requests (RFC 9112, section 3.2.2).
/// </param>
internal sealed record DialTarget(Endpoint Endpoint, string? Scheme, bool UseTls, IReadOnlyList<SslApplicationProtocol> Protocols, bool StopAtProxy = false)
{
    /// <summary>What the connection is called among the layers; null for scheme and endpoint.</summary>
    public string? Layer { get; init; }

    public string LayerName => Layer ?? $"{Scheme ?? "tcp"} {Endpoint}";
}
