using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class TestCertificateAuthorityTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HttpClient Client(X509Certificate2 root, X509Certificate2? own = null)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { root },
                },
                ClientCertificates = own is null ? null : [own],
            },
        };
        return new HttpClient(handler);
    }

    [Theory]
    [InlineData(TestKeyKind.EcdsaP256)]
    [InlineData(TestKeyKind.EcdsaP384)]
    [InlineData(TestKeyKind.Rsa2048)]
    public async Task Servers_with_every_sound_key_are_trusted_through_the_root(TestKeyKind key)
    {
        using var authority = new TestCertificateAuthority();
        using var certificate = authority.Issue(new TestCertificateOptions { Key = key });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = certificate } });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, "secret"));
        using var http = Client(authority.Root);
        Assert.Equal("https", server.Url.Scheme);
        Assert.Equal("secret", await http.GetStringAsync(server.Url, Cancel));
        Assert.Equal("secret", await http.GetStringAsync($"https://localhost:{server.Port}/", Cancel));
        Assert.Equal(0, server.HandshakeFailureCount);
    }

    [Fact]
    public async Task An_intermediate_is_sent_along()
    {
        using var root = new TestCertificateAuthority();
        using var intermediate = root.IssueIntermediate();
        using var certificate = intermediate.Issue();
        await using var server = LoopbackServer.Start(new LoopbackServerOptions
        {
            Tls = new LoopbackTlsOptions { Certificate = certificate, Intermediates = intermediate.Chain },
        });
        server.MapStatic("GET", "/", "chained"u8.ToArray());
        using var http = Client(root.Root);
        Assert.Equal("chained", await http.GetStringAsync(server.Url, Cancel));
        Assert.Equal(root.Root.SubjectName.RawData, intermediate.Certificate.IssuerName.RawData);
    }

    [Fact]
    public async Task Strangers_expired_and_misnamed_certificates_are_refused_by_clients()
    {
        using var authority = new TestCertificateAuthority();
        using var stranger = new TestCertificateAuthority("stranger");
        var now = TimeProvider.System.GetUtcNow();
        X509Certificate2[] certificates =
        [
            stranger.Issue(),
            TestCertificateAuthority.SelfSigned(),
            authority.Issue(new TestCertificateOptions { NotBefore = now.AddDays(-20), NotAfter = now.AddDays(-10) }),
            authority.Issue(new TestCertificateOptions { NotBefore = now.AddDays(10), NotAfter = now.AddDays(20) }),
            authority.Issue(new TestCertificateOptions { DnsNames = ["other.test"], Addresses = [] }),
        ];
        foreach (var certificate in certificates)
        {
            await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = certificate } });
            using var http = Client(authority.Root);
            var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(server.Url, Cancel));
            Assert.IsType<AuthenticationException>(error.InnerException);
            Assert.Empty(server.Requests);
            certificate.Dispose();
        }
    }

    [Fact]
    public async Task A_client_certificate_is_asked_for_checked_and_shown_to_the_handler()
    {
        using var authority = new TestCertificateAuthority();
        using var stranger = new TestCertificateAuthority("stranger");
        using var certificate = authority.Issue();
        using var alice = authority.Issue(TestCertificateOptions.ForClient("alice"));
        using var mallory = stranger.Issue(TestCertificateOptions.ForClient("mallory"));
        await using var server = LoopbackServer.Start(new LoopbackServerOptions
        {
            Tls = new LoopbackTlsOptions { Certificate = certificate, RequireClientCertificate = true, ClientRoots = [authority.Root] },
        });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, exchange.ClientCertificate?.Subject ?? "nobody"));
        using var good = Client(authority.Root, alice);
        Assert.Equal("CN=alice", await good.GetStringAsync(server.Url, Cancel));
        using var nobody = Client(authority.Root);
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.GetStringAsync(server.Url, Cancel));
        using var bad = Client(authority.Root, mallory);
        await Assert.ThrowsAsync<HttpRequestException>(() => bad.GetStringAsync(server.Url, Cancel));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_certificate_can_be_chosen_by_name_and_a_version_forced()
    {
        using var authority = new TestCertificateAuthority();
        using var fallback = authority.Issue();
        using var wild = authority.Issue(new TestCertificateOptions { DnsNames = ["*.example.test"], Addresses = [] });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions
        {
            Tls = new LoopbackTlsOptions
            {
                Certificate = fallback,
                SelectCertificate = name => name.EndsWith(".example.test", StringComparison.Ordinal) ? wild : null,
                Protocols = SslProtocols.Tls12,
            },
        });
        using var raw = await RawClient.ConnectAsync(server.Port);
        await using var tls = new SslStream(raw.Stream);
        X509Certificate? seen = null;
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "a.example.test",
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    seen = certificate;
                    return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
                },
            },
            Cancel);
        Assert.Equal("CN=*.example.test", seen?.Subject);
        Assert.Equal(SslProtocols.Tls12, tls.SslProtocol);
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public void Weak_certificates_can_be_made_on_purpose()
    {
        using var authority = new TestCertificateAuthority(keyKind: TestKeyKind.Rsa2048);
        using var elliptic = new TestCertificateAuthority();
        using var small = authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa1024 });
        using var digest = authority.Issue(new TestCertificateOptions { Hash = HashAlgorithmName.SHA1 });
        using var ellipticDigest = elliptic.Issue(new TestCertificateOptions { Hash = HashAlgorithmName.SHA1 });
        Assert.Equal(1024, small.GetRSAPublicKey()!.KeySize);
        Assert.Equal("1.2.840.113549.1.1.5", digest.SignatureAlgorithm.Value);
        Assert.Equal("1.2.840.10045.4.1", ellipticDigest.SignatureAlgorithm.Value);
        Assert.True(digest.HasPrivateKey);
    }

    [Fact]
    public void Certificates_say_what_was_asked_for()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var authority = new TestCertificateAuthority(clock: clock);
        using var certificate = authority.Issue(new TestCertificateOptions
        {
            CommonName = "x",
            DnsNames = ["a.test", "*.b.test"],
            Addresses = [IPAddress.Parse("127.0.0.9")],
            ClientAuthentication = true,
        });
        Assert.Equal("CN=x", certificate.Subject);
        Assert.Equal(new DateTime(2029, 12, 31, 0, 0, 0), certificate.NotBefore.ToUniversalTime());
        Assert.Equal(new DateTime(2030, 1, 31, 0, 0, 0), certificate.NotAfter.ToUniversalTime());
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["a.test", "*.b.test"], names.EnumerateDnsNames());
        Assert.Equal([IPAddress.Parse("127.0.0.9")], names.EnumerateIPAddresses());
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages;
        Assert.Equal(2, usages.Count);
        Assert.NotEqual(certificate.SerialNumber, authority.Root.SerialNumber);
    }

    [Fact]
    public void Pem_files_can_be_read_back()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            using var root = new TestCertificateAuthority();
            using var intermediate = root.IssueIntermediate();
            using var certificate = intermediate.Issue();
            var (chain, key, ca) = (Path.Combine(folder.FullName, "c.pem"), Path.Combine(folder.FullName, "k.pem"), Path.Combine(folder.FullName, "r.pem"));
            intermediate.WritePem(certificate, chain, key);
            root.WriteRootPem(ca);
            using var back = X509Certificate2.CreateFromPemFile(chain, key);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(chain);
            Assert.Equal(certificate.Thumbprint, back.Thumbprint);
            Assert.True(back.HasPrivateKey);
            Assert.Equal([certificate.Thumbprint, intermediate.Certificate.Thumbprint], all.Select(one => one.Thumbprint));
            Assert.Equal(root.Root.Thumbprint, X509CertificateLoader.LoadCertificateFromFile(ca).Thumbprint);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }
        finally
        {
            folder.Delete(true);
        }
    }
}
