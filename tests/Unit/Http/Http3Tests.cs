using System.Net;
using System.Net.Quic;
using System.Runtime.Versioning;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>HTTP/3 is opt-in, falls back where it may, and is refused where QUIC would pass the dialer's rules by.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
public class Http3Tests
{
    private static readonly Uri Target = new("https://127.0.0.1:9/");

    private static HTTPClientOptions Exactly(TransportOptions? transport = null) =>
        RawAnswer.Options with { Version = HttpVersionChoice.Http3, Transport = transport ?? TransportOptions.Default };

    [Fact]
    public async Task Http3_where_the_platform_has_no_quic_is_an_error_that_says_so()
    {
        var error = await RawAnswer.FailureAsync(Target, Exactly());
        // Where there is QUIC, the port is closed.
        if (QuicConnection.IsSupported)
        {
            Assert.NotEqual(ErrorCodes.HttpVersionUnavailable, error.Code);
            return;
        }
        Assert.IsType<HTTPException>(error);
        Assert.Equal(WasSent.Never, error.WasSent);
        Assert.Equal((ErrorCodes.HttpVersionUnavailable, NetworkPhase.Prepare, false), (error.Code, error.Phase, error.IsTransient));
        Assert.Contains("libmsquic", error.Message);
        Assert.Contains("PreferHttp3", error.Hint);
    }

    public static TheoryData<string, TransportOptions> Settings() => new()
    {
        { "Proxy", new TransportOptions { Proxy = ProxyOptions.Parse("http://127.0.0.1:9") } },
        { "Proxy", new TransportOptions { Proxies = new ProxyPool([ProxyOptions.Parse("http://127.0.0.1:9")]) } },
        { "Resolver", new TransportOptions { Resolver = new ResolverOptions { Custom = Unit.Transport.DnsScriptedResolver.NotFound() } } },
        { "Tls", new TransportOptions { Tls = new TlsOptions { Pins = [Convert.ToBase64String(new byte[32])] } } },
        { "Tls", new TransportOptions { Tls = new TlsOptions { InsecureAcceptAnyCertificate = true } } },
        { "BindAddress", new TransportOptions { BindAddress = IPAddress.Loopback } },
        { "DialOver", new TransportOptions { DialOver = (_, _) => throw new IOException("dialled") } },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    [Trait("Cve", "12")]
    public async Task Setting_that_only_the_dialer_honours_refuses_http3(string setting, TransportOptions transport)
    {
        var error = await RawAnswer.FailureAsync(Target, Exactly(transport));
        Assert.Equal((ErrorCodes.HttpVersionUnavailable, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains(setting, error.Message);
        Assert.NotNull(QuicGate.Obstacle(transport));
    }

    [Fact]
    public async Task Restrictive_policy_denies_http3_since_no_address_can_be_checked()
    {
        var policy = EgressPolicy.PublicInternetOnly.Allowing("127.0.0.1");
        var error = await RawAnswer.FailureAsync(Target, Exactly(new TransportOptions { Policy = policy }));
        Assert.IsType<PolicyException>(error);
        Assert.Contains("QUIC", error.Message);
    }

    [Fact]
    public async Task Http3_without_tls_is_refused()
    {
        var error = await RawAnswer.FailureAsync(new Uri("http://127.0.0.1:9/"), Exactly());
        Assert.Equal(ErrorCodes.HttpVersionUnavailable, error.Code);
        Assert.Contains("TLS", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Preferred_http3_falls_back_to_what_can_be_spoken(bool secure)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = secure ? new LoopbackTlsOptions { Certificate = authority.Issue() } : null });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, "spoken", headers: [new("Alt-Svc", "h3=\":9\"")]));
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Version = HttpVersionChoice.PreferHttp3,
            Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } },
        });
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(("spoken", 1), (response.Text, response.Version.Major));
        }
    }
}
