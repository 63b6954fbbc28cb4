using System.Net.Sockets;
using System.Security.Authentication;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ErrorMapTests
{
    public static TheoryData<SocketError> SocketErrors => [.. Enum.GetValues<SocketError>()];

    public static TheoryData<HttpRequestError> RequestErrors => [.. Enum.GetValues<HttpRequestError>()];

    [Theory, MemberData(nameof(SocketErrors))]
    public void Every_socket_error_has_a_documented_code(SocketError error)
    {
        AssertDocumented(ErrorMap.Code(new SocketException((int)error), inBody: false));
        AssertDocumented(ErrorMap.Code(new IOException("wrapped", new SocketException((int)error)), inBody: true));
    }

    [Theory, MemberData(nameof(RequestErrors))]
    public void Every_http_request_error_has_a_documented_code(HttpRequestError error)
    {
        AssertDocumented(ErrorMap.Code(new HttpRequestException(error), inBody: false));
        AssertDocumented(ErrorMap.Code(new HttpIOException(error), inBody: true));
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, ErrorCodes.TcpRefused)]
    [InlineData(SocketError.ConnectionReset, ErrorCodes.TcpReset)]
    [InlineData(SocketError.NetworkUnreachable, ErrorCodes.TcpUnreachable)]
    [InlineData(SocketError.HostUnreachable, ErrorCodes.TcpUnreachable)]
    [InlineData(SocketError.TooManyOpenSockets, ErrorCodes.LocalDescriptors)]
    [InlineData(SocketError.AddressNotAvailable, ErrorCodes.LocalPorts)]
    [InlineData(SocketError.HostNotFound, ErrorCodes.DnsNotFound)]
    [InlineData(SocketError.TryAgain, ErrorCodes.DnsServerFailure)]
    [InlineData(SocketError.TimedOut, ErrorCodes.TimeoutConnect)]
    public void A_socket_error_keeps_its_meaning(SocketError error, string code) => Assert.Equal(code, ErrorMap.Code(error));

    [Theory]
    [InlineData(HttpRequestError.ResponseEnded, false, ErrorCodes.TcpClosedEarly)]
    [InlineData(HttpRequestError.ResponseEnded, true, ErrorCodes.HttpTruncated)]
    [InlineData(HttpRequestError.InvalidResponse, false, ErrorCodes.HttpMalformed)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, false, ErrorCodes.HttpTooLarge)]
    public void A_cut_head_is_told_from_a_cut_body(HttpRequestError error, bool inBody, string code) =>
        Assert.Equal(code, ErrorMap.Code(new HttpIOException(error), inBody));

    [Theory]
    [InlineData("SSL Handshake failed: tlsv13 alert certificate required", ErrorCodes.TlsClientCertificateRequired)]
    [InlineData("wrong version number", ErrorCodes.TlsProtocol)]
    [InlineData("tlsv1 alert protocol version", ErrorCodes.TlsProtocol)]
    public void A_tls_alert_has_a_documented_code(string alert, string code)
    {
        Assert.Equal(code, ErrorMap.TlsCode(new AuthenticationException("Authentication failed", new InvalidOperationException(alert))));
        AssertDocumented(code);
    }

    [Fact]
    public void A_tls_handshake_cut_short_is_an_early_close() =>
        Assert.Equal(ErrorCodes.TlsClosedEarly, ErrorMap.TlsCode(new IOException("Received an unexpected EOF or 0 bytes from the transport stream.")));

    [Theory]
    [InlineData(0x7, ErrorCodes.TcpReset)]
    [InlineData(0x1, ErrorCodes.HttpMalformed)]
    [InlineData(0xb, ErrorCodes.TcpReset)]
    public void An_http2_error_code_tells_a_broken_connection_from_a_broken_protocol(long error, string code) =>
        Assert.Equal(code, ErrorMap.Code(new HttpProtocolException(error, "x", null), inBody: false));

    [Fact]
    public void A_refused_stream_was_not_processed()
    {
        Assert.True(ErrorMap.IsRefusedStream(new HttpRequestException("x", new HttpProtocolException(0x7, "x", null))));
        Assert.False(ErrorMap.IsRefusedStream(new HttpRequestException("x", new HttpProtocolException(0x2, "x", null))));
    }

    [Fact]
    public void Our_own_error_is_found_however_deep_the_platform_wraps_it()
    {
        var ours = new NetworkFailure { Code = ErrorCodes.TlsExpired, Message = "expired" }.ToException();
        Assert.Same(ours, ErrorMap.Ours(new HttpRequestException("x", new IOException("y", ours))));
    }

    private static void AssertDocumented(string code)
    {
        var info = ErrorCodes.Find(code);
        Assert.NotNull(info);
        Assert.NotEmpty(info.Summary);
        Assert.NotEmpty(info.Hint);
        Assert.Equal(info.ExceptionType, new NetworkFailure { Code = code, Message = "x" }.ToException().GetType());
        Assert.InRange(Repository.ExitCodeTable.Codes[info.ExceptionType], 70, 80);
    }
}
