using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Integration.Proxies.ProxyConversation;

namespace Codomyrmex.Networking.Tests.Integration.Proxies;

public class SquidProxyTests
{
    [Fact]
    public async Task Tunnels_by_name_and_by_address_and_says_why_not()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: false);
        var proxy = Proxy(ProxyKind.Http, port);

        await AssertWorksAsync(proxy, "localhost", echo.Port);
        await AssertWorksAsync(proxy, "127.0.0.1", echo.Port);
        await AssertWorksAsync(proxy, "name.invalid", echo.Port, IPAddress.Loopback);

        var refused = await AssertFailsAsync(proxy, "127.0.0.1", ServerProcess.FreePort(), ErrorCodes.ProxyRefused);
        Assert.Contains("status 503", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsTransient);
        var denied = await AssertFailsAsync(proxy, "192.0.2.1", 443, ErrorCodes.ProxyRefused);
        Assert.Contains("status 403", denied.Message, StringComparison.Ordinal);
        Assert.False(denied.IsTransient);
    }

    [Fact]
    public async Task Asks_for_credentials_and_takes_the_right_ones_only()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: true);

        await AssertWorksAsync(Proxy(ProxyKind.Http, port, SquidProxy.User, SquidProxy.Password), "localhost", echo.Port);

        var missing = await AssertFailsAsync(Proxy(ProxyKind.Http, port), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
        Assert.Contains("it takes Basic", missing.Message, StringComparison.Ordinal);
        await AssertFailsAsync(Proxy(ProxyKind.Http, port, SquidProxy.User, "wr0ng-canary"), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
    }

    [Fact]
    public async Task Tunnels_over_TLS_to_the_proxy()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: true, CertificatePem());
        await AssertWorksAsync(Proxy(ProxyKind.Https, port, SquidProxy.User, SquidProxy.Password), "localhost", echo.Port);
        await AssertFailsAsync(Proxy(ProxyKind.Https, port), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
    }

    [Fact]
    public async Task Spoken_to_in_SOCKS_is_a_protocol_error_not_a_hang()
    {
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: false);
        // Only a request line makes squid answer at all, and a SOCKS greeting is none until a line ends; a user with a line end in
        // it is not sendable, so the port number carries it: 0x0a0a.
        await AssertFailsAsync(Proxy(ProxyKind.Socks4a, port), "localhost", 0x0a0a, ErrorCodes.ProxyProtocol);
    }

    private static string CertificatePem()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
