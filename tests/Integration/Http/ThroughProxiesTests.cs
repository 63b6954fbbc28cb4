using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>The whole client through squid, tinyproxy and dante, to http and https targets.</summary>
public sealed class ThroughProxiesTests : IAsyncDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly LoopbackServer _plain = LabEndpoints.MapTo(LoopbackServer.Start());
    private readonly LoopbackServer _secure;

    public ThroughProxiesTests() => _secure = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions
    {
        Tls = new LoopbackTlsOptions { Certificate = _authority.Issue() },
    }));

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _secure.DisposeAsync();
        _authority.Dispose();
    }

    private HTTPClientOptions Through(ProxyOptions proxy) => Calls.Options with
    {
        Transport = new TransportOptions { Proxy = proxy, Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    };

    private async Task AssertWorksAsync(ProxyOptions proxy)
    {
        using var client = new HTTPClient(Through(proxy));
        foreach (var server in new[] { _plain, _secure })
        {
            var body = RequestBody.Bytes(new byte[200_000]);
            for (var i = 0; i < 2; i++)
            {
                using var response = await client.PostAsync(server.Url + "upload", body, cancellationToken: TestContext.Current.CancellationToken);
                Assert.Equal(200, response.Status);
                Assert.Equal(i == 1, response.IsReused);
                Assert.Equal(proxy.Port, ((System.Net.IPEndPoint)response.RemoteAddress!).Port);
            }
            Assert.All(server.Requests, request => Assert.False(request.Headers.Contains("Proxy-Authorization")));
        }
    }

    private async Task AssertRefusedAsync(ProxyOptions proxy, string code, LoopbackServer? only = null)
    {
        foreach (var server in only is null ? [_plain, _secure] : new[] { only })
        {
            var error = await Calls.FailureAsync(server.Url + "get", Through(proxy));
            Assert.True(error.Code == code, error.ToString());
            if (proxy.Password is { } password)
                Assert.DoesNotContain(password, error.ToString());
        }
    }

    private static ProxyOptions At(ProxyKind kind, int port, string? user = null, string? password = null) =>
        new() { Kind = kind, Host = "127.0.0.1", Port = port, User = user, Password = password };

    [Fact]
    public async Task Squid()
    {
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: false);
        await AssertWorksAsync(At(ProxyKind.Http, port));
    }

    [Fact]
    public async Task Squid_with_credentials()
    {
        var port = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: true);
        await AssertWorksAsync(At(ProxyKind.Http, port, SquidProxy.User, SquidProxy.Password));
        await AssertRefusedAsync(At(ProxyKind.Http, port, SquidProxy.User, "wrong-one"), ErrorCodes.ProxyAuthentication);
        await AssertRefusedAsync(At(ProxyKind.Http, port), ErrorCodes.ProxyAuthentication);
    }

    [Fact]
    public async Task Squid_over_tls()
    {
        var port = ServerProcess.FreePort();
        using var certificate = _authority.Issue();
        var pem = certificate.ExportCertificatePem() + "\n" + System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem() + "\n";
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: false, pem);
        await AssertWorksAsync(At(ProxyKind.Https, port));
    }

    [Fact]
    public async Task Tinyproxy()
    {
        var port = ServerProcess.FreePort();
        await using var tiny = await TinyProxy.StartAsync(port, _secure.Port, withCredentials: true);
        using var client = new HTTPClient(Through(At(ProxyKind.Http, port, TinyProxy.User, TinyProxy.Password)));
        foreach (var server in new[] { _plain, _secure })
        {
            using var response = await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
        // It answers 401 instead of 407, which for a request that it forwards nothing tells from the server's own.
        await AssertRefusedAsync(At(ProxyKind.Http, port, TinyProxy.User, "wrong-one"), ErrorCodes.ProxyRefused, _secure);
    }

    [Theory]
    [InlineData(ProxyKind.Socks5)]
    [InlineData(ProxyKind.Socks5h)]
    public async Task Dante(ProxyKind kind)
    {
        var port = ServerProcess.FreePort();
        await using var dante = await DanteProxy.StartAsync(port, "none", blockedPort: _plain.Port);
        using var client = new HTTPClient(Through(At(kind, port)));
        using var response = await client.GetAsync(_secure.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(200, response.Status);
        await AssertRefusedAsync(At(kind, port), ErrorCodes.ProxyRefused, _plain);
    }
}
