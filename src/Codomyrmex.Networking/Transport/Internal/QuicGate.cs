using System.Net.Quic;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Whether HTTP/3 may be spoken. The platform's engine resolves, dials and checks certificates for QUIC by itself, past the dialer: what the
/// dialer would have enforced forbids it.
/// </summary>
internal static class QuicGate
{
    /// <summary>Whether the platform has QUIC at all: on Linux that takes libmsquic.</summary>
    public static bool IsSupported =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows()) && QuicConnection.IsSupported;

    /// <summary>The first setting that only the dialer honours; null where there is none.</summary>
    public static string? Obstacle(TransportOptions options)
    {
        if (options.Proxy is not null || options.Proxies is not null)
            return "a proxy carries no QUIC (TransportOptions.Proxy)";
        if (options.Resolver != ResolverOptions.Default)
            return "QUIC would resolve names by itself (TransportOptions.Resolver)";
        if (options.Tls != TlsOptions.Default)
            return "QUIC would check certificates by itself, without pins, roots and other rules of ours (TransportOptions.Tls)";
        if (options.DialOver is not null || options.UnixSocketPath is not null || options.BindAddress is not null)
            return "QUIC would choose its own way (TransportOptions.DialOver, TransportOptions.UnixSocketPath, TransportOptions.BindAddress)";
        return options.Budget is not null ? "QUIC would spend nothing of a budget (TransportOptions.Budget)" : null;
    }

    /// <summary>Throws where HTTP/3 is asked for and cannot be had, or must not.</summary>
    public static void Demand(TransportOptions options, bool isForeign, string scheme, Endpoint endpoint)
    {
        if (options.Policy.IsRestrictive && !isForeign)
            throw PolicyGate.UncheckedQuic(endpoint);
        var reason = scheme != "https" ? "HTTP/3 is spoken over TLS only, and the URL's scheme is http"
            : isForeign ? null
            : Obstacle(options) ?? (IsSupported ? null : "this platform has no QUIC (on Linux it takes libmsquic)");
        if (reason is not null)
            throw Refused(endpoint, reason);
    }

    private static NetworkException Refused(Endpoint endpoint, string reason) => new NetworkFailure
    {
        Code = ErrorCodes.HttpVersionUnavailable,
        Message = $"HTTP/3 cannot be spoken to {endpoint}: {reason}.",
        Hint = "Ask for another version, or for one that falls back to HTTP/2 and HTTP/1.1 (HttpVersionChoice.PreferHttp3), or remove what the message names.",
        Phase = NetworkPhase.Prepare,
        Endpoint = endpoint,
    }.ToException();
}
