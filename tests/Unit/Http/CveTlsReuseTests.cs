using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Connections that outlive the trust they were made under, and pins that are got around.</summary>
public class CveTlsReuseTests
{
    private static LoopbackServer Secure(X509Certificate2 certificate, bool clientCertificate = false)
    {
        var server = LoopbackServer.Start(new LoopbackServerOptions
        {
            Tls = new LoopbackTlsOptions { Certificate = certificate, RequireClientCertificate = clientCertificate },
        });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, exchange.ClientCertificate?.Subject ?? "nobody"));
        return server;
    }

    private static RequestOptions With(TlsOptions tls) => new() { Transport = new TransportOptions { Tls = tls } };

    [Fact]
    [Trait("Cve", "9")]
    public async Task Insecure_request_does_not_lend_its_connection_to_a_secure_one()
    {
        await using var server = Secure(TestCertificateAuthority.SelfSigned());
        using var client = new HTTPClient(RawAnswer.Options);
        var insecure = With(new TlsOptions { InsecureAcceptAnyCertificate = true });
        using var response = await client.GetAsync(server.Url.ToString(), insecure, TestContext.Current.CancellationToken);
        Assert.Equal("nobody", response.Text);
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal(ErrorCodes.TlsUntrusted, error.Code);
        using var derived = client.With(options => options with { UserAgent = "derived" });
        Assert.Equal(ErrorCodes.TlsUntrusted, (await RawAnswer.FailureAsync(derived, server.Url)).Code);
        using var again = await client.GetAsync(server.Url.ToString(), insecure, TestContext.Current.CancellationToken);
        Assert.True(again.IsReused);
    }

    [Fact]
    [Trait("Cve", "10")]
    public async Task Two_client_certificates_never_share_a_connection()
    {
        using var authority = new TestCertificateAuthority();
        await using var server = Secure(authority.Issue(), clientCertificate: true);
        using var client = new HTTPClient(RawAnswer.Options);
        X509Certificate2Collection roots = [authority.Root];
        foreach (var name in new[] { "alice", "bob" })
        {
            using var certificate = authority.Issue(TestCertificateOptions.ForClient(name));
            using var response = await client.GetAsync(server.Url.ToString(), With(new TlsOptions { TrustedRoots = roots, ClientCertificate = certificate }), TestContext.Current.CancellationToken);
            Assert.Equal("CN=" + name, response.Text);
            Assert.False(response.IsReused);
        }
        Assert.Equal(2, server.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "10")]
    public async Task Another_server_name_another_proxy_and_other_roots_make_other_connections()
    {
        using var authority = new TestCertificateAuthority();
        await using var server = Secure(authority.Issue());
        await using var proxy = LoopbackProxy.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        X509Certificate2Collection roots = [authority.Root], others = [authority.Root];
        TransportOptions[] all =
        [
            new() { Tls = new TlsOptions { TrustedRoots = roots } },
            new() { Tls = new TlsOptions { TrustedRoots = others } },
            new() { Tls = new TlsOptions { TrustedRoots = roots, ServerName = "localhost" } },
            new() { Tls = new TlsOptions { TrustedRoots = roots }, Proxy = ProxyOptions.Parse(proxy.Url()) },
        ];
        foreach (var transport in all)
            (await client.GetAsync(server.Url.ToString(), new RequestOptions { Transport = transport }, TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(all.Length, server.ConnectionCount);
    }

    [Theory]
    [InlineData(HttpVersionChoice.Http11)]
    [InlineData(HttpVersionChoice.Negotiate)]
    [InlineData(HttpVersionChoice.Http2)]
    [Trait("Cve", "12")]
    public async Task Wrong_pin_fails_whatever_version_is_spoken(HttpVersionChoice version)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = Secure(authority.Issue());
        var wrong = Convert.ToBase64String(new byte[32]);
        var options = RawAnswer.Options with
        {
            Version = version,
            Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root], Pins = [wrong] } },
        };
        var error = await RawAnswer.FailureAsync(server.Url, options);
        Assert.Equal((ErrorCodes.TlsPin, WasSent.Never), (error.Code, error.WasSent));
        Assert.Empty(server.Requests);
        var reckless = options with { Transport = new TransportOptions { Tls = new TlsOptions { InsecureAcceptAnyCertificate = true, Pins = [wrong] } } };
        Assert.Equal(ErrorCodes.TlsPin, (await RawAnswer.FailureAsync(server.Url, reckless)).Code);
    }

    [Fact]
    [Trait("Cve", "12")]
    public async Task Right_pin_of_leaf_or_root_passes_and_the_error_of_a_wrong_one_shows_the_right_one()
    {
        using var authority = new TestCertificateAuthority();
        var certificate = authority.Issue();
        await using var server = Secure(certificate);
        foreach (var pinned in new[] { certificate, authority.Root })
        {
            var pin = CertificateCheck.PinOf(pinned);
            using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root], Pins = ["sha256//" + pin] } } });
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
    }

    [Fact]
    [Trait("Cve", "12")]
    public async Task Without_validation_a_pin_holds_for_the_servers_own_key_only()
    {
        // The chain that a server sends proves nothing but its first key, so a pinned root in it must not help.
        using var authority = new TestCertificateAuthority();
        using var impostor = TestCertificateAuthority.SelfSigned();
        await using var server = LoopbackServer.Start(new LoopbackServerOptions
        {
            Tls = new LoopbackTlsOptions { Certificate = impostor, Intermediates = [authority.Root] },
        });
        var tls = new TlsOptions { InsecureAcceptAnyCertificate = true, Pins = [CertificateCheck.PinOf(authority.Root)] };
        Assert.Equal(ErrorCodes.TlsPin, (await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Transport = new TransportOptions { Tls = tls } })).Code);
    }
}
