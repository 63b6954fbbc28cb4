using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The one place where the platform's exceptions become codes of ours. What comes out is a code and a sentence; the caller adds the
/// facts that it knows (endpoint, phase, attempts).
/// </summary>
internal static class ErrorMap
{
    /// <summary>The first of our own exceptions in the chain: what a layer below has already put into words.</summary>
    public static NetworkException? Ours(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is NetworkException ours)
                return ours;
        }
        return null;
    }

    /// <summary>The code for an exception of the platform; <paramref name="inBody"/> tells a cut body from a cut head.</summary>
    public static string Code(Exception error, bool inBody)
    {
        var last = error;
        for (var e = error; e is not null; e = e.InnerException)
        {
            last = e;
            var code = e switch
            {
                SocketException socket => Code(socket.SocketErrorCode),
                // It says PROTOCOL_ERROR of a peer that said nothing at all.
                HttpProtocolException silent when silent.Message.Contains("KeepAlivePing", StringComparison.Ordinal) => ErrorCodes.TcpReset,
                HttpProtocolException http2 => Http2Code(http2.ErrorCode),
                HttpIOException io => Code(io.HttpRequestError, inBody),
                HttpRequestException { InnerException: HttpProtocolException } => null, // which knows better
                HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and not HttpRequestError.ConnectionError and not HttpRequestError.SecureConnectionError } http =>
                    Code(http.HttpRequestError, inBody),
                AuthenticationException tls => TlsCode(tls),
                // TLS 1.3: a server judges the client's certificate when the handshake is over for the client.
                CryptographicException when IsAboutOurCertificate(e) => ErrorCodes.TlsClientCertificateRequired,
                InvalidDataException => ErrorCodes.HttpDecode,
                // The platform keeps this type to itself; its namespace is how it is known (RFC 7541).
                _ when e.GetType().Namespace == "System.Net.Http.HPack" => ErrorCodes.HttpMalformed,
                _ => null,
            };
            if (code is not null)
                return code;
        }
        return error switch
        {
            // What the engine says of its own accord, with no error of a stream underneath, is about the form of the answer.
            HttpRequestException { HttpRequestError: HttpRequestError.Unknown } when last is HttpRequestException || last.GetType().Namespace == "System.Net.Http.HPack" =>
                ErrorCodes.HttpMalformed,
            HttpRequestException { HttpRequestError: var kind } => Code(kind, inBody) ?? ErrorCodes.TcpReset,
            IOException or ObjectDisposedException => inBody ? ErrorCodes.HttpTruncated : ErrorCodes.TcpClosedEarly,
            _ => ErrorCodes.LocalIo,
        };
    }

    /// <summary>The code for a socket error (RFC 9293 and the system's own errors).</summary>
    public static string Code(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ErrorCodes.TcpRefused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NetworkReset or SocketError.Shutdown or
            SocketError.Disconnecting or SocketError.NotConnected => ErrorCodes.TcpReset,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => ErrorCodes.TcpUnreachable,
        SocketError.TimedOut => ErrorCodes.TimeoutConnect,
        SocketError.HostNotFound or SocketError.NoData => ErrorCodes.DnsNotFound,
        SocketError.TryAgain or SocketError.NoRecovery => ErrorCodes.DnsServerFailure,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit => ErrorCodes.LocalDescriptors,
        SocketError.AddressNotAvailable => ErrorCodes.LocalPorts,
        SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressFamilyNotSupported or
            SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported or SocketError.SocketNotSupported or
            SocketError.InvalidArgument or SocketError.DestinationAddressRequired or SocketError.Fault => ErrorCodes.LocalAddress,
        _ => ErrorCodes.TcpReset,
    };

    /// <summary>The code for what the platform's HTTP engine says went wrong; null where it does not say.</summary>
    public static string? Code(HttpRequestError error, bool inBody) => error switch
    {
        HttpRequestError.NameResolutionError => ErrorCodes.DnsNotFound,
        HttpRequestError.ConnectionError => ErrorCodes.TcpReset,
        HttpRequestError.SecureConnectionError => ErrorCodes.TlsProtocol,
        HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.VersionNegotiationError => ErrorCodes.HttpMalformed,
        HttpRequestError.ExtendedConnectNotSupported => ErrorCodes.WsHandshake,
        HttpRequestError.UserAuthenticationError => ErrorCodes.HttpStatus,
        HttpRequestError.ProxyTunnelError => ErrorCodes.ProxyRefused,
        HttpRequestError.ResponseEnded => inBody ? ErrorCodes.HttpTruncated : ErrorCodes.TcpClosedEarly,
        HttpRequestError.ConfigurationLimitExceeded => ErrorCodes.HttpTooLarge,
        _ => null,
    };

    /// <summary>The way back: what the platform's engine would have said of an error of ours.</summary>
    public static HttpRequestError PlatformError(NetworkException error) => error switch
    {
        DNSResolutionException => HttpRequestError.NameResolutionError,
        SSLException => HttpRequestError.SecureConnectionError,
        ProxyException => HttpRequestError.ProxyTunnelError,
        { Code: ErrorCodes.TcpClosedEarly or ErrorCodes.HttpTruncated } => HttpRequestError.ResponseEnded,
        { Code: ErrorCodes.HttpTooLarge } => HttpRequestError.ConfigurationLimitExceeded,
        HTTPException => HttpRequestError.InvalidResponse,
        ConnectionException => HttpRequestError.ConnectionError,
        _ => HttpRequestError.Unknown,
    };

    /// <summary>The code for a failed handshake whose certificate was not the reason: the peer's alert decides (RFC 8446, section 6).</summary>
    public static string TlsCode(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (IsAboutOurCertificate(e))
                return ErrorCodes.TlsClientCertificateRequired;
            if (e is SocketException socket)
                return Code(socket.SocketErrorCode);
            if (e is IOException && e.Message.Contains("EOF", StringComparison.OrdinalIgnoreCase))
                return ErrorCodes.TlsClosedEarly;
        }
        return error is IOException ? ErrorCodes.TlsClosedEarly : ErrorCodes.TlsProtocol;
    }

    // The alerts that a server sends about a client's certificate, or the lack of it, in OpenSSL's words (RFC 8446, section 6.2).
    private static bool IsAboutOurCertificate(Exception error) =>
        error.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) &&
        (error.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("unknown ca", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an HTTP/2 error code says that the request was not processed (RFC 9113, section 8.7).</summary>
    public static bool IsRefusedStream(Exception error) =>
        error is HttpProtocolException { ErrorCode: 0x7 } || (error.InnerException is { } inner && IsRefusedStream(inner));

    // RFC 9113, section 7: NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL and ENHANCE_YOUR_CALM end a connection that was sound.
    private static string Http2Code(long error) => error is 0x0 or 0x2 or 0x7 or 0x8 or 0xb ? ErrorCodes.TcpReset : ErrorCodes.HttpMalformed;
}
