using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>What OpenSSL's server presents, and the one code that belongs to it.</summary>
public class BadCertificateTests
{
    private const string Weakest = "DEFAULT@SECLEVEL=0";

    private static readonly string[] Tls12Only = ["-tls1_2", "-cipher", Weakest];

    private static async Task AssertRefusedAsync(string code, X509Certificate2 certificate, X509Certificate2 root, string host = "localhost",
        X509Certificate2Collection? chain = null, string[]? switches = null, TlsOptions? tls = null)
    {
        var (process, port) = await OpensslServer.StartAsync(certificate, chain ?? [], switches ?? []);
        await using (process)
        {
            var options = Calls.Trusting(root, tls);
            options = options with { Transport = options.Transport with { Resolver = Everywhere(host) } };
            var error = await Calls.FailureAsync($"https://{host}:{port}/", options);
            Assert.True(error.Code == code, $"{code} was expected:\n{error}");
            Assert.IsType<SSLException>(error);
            Assert.Equal((NetworkPhase.Tls, WasSent.Never), (error.Phase, error.WasSent));
        }
    }

    private static async Task AssertAcceptedAsync(X509Certificate2 certificate, X509Certificate2 root, string host = "localhost",
        X509Certificate2Collection? chain = null, string[]? switches = null, TlsOptions? tls = null)
    {
        var (process, port) = await OpensslServer.StartAsync(certificate, chain ?? [], switches ?? []);
        await using (process)
        {
            var options = Calls.Trusting(root, tls);
            using var client = new HTTPClient(options with { Transport = options.Transport with { Resolver = Everywhere(host) } });
            using var response = await client.GetAsync($"https://{host}:{port}/", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
    }

    private static ResolverOptions Everywhere(string host) => IPAddress.TryParse(host, out _) || host == "localhost"
        ? ResolverOptions.Default with { Families = IPFamilies.IPv4 }
        : new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { [host] = [IPAddress.Loopback] } };

    [Fact]
    public async Task Good_certificate_is_accepted()
    {
        using var authority = new TestCertificateAuthority();
        await AssertAcceptedAsync(authority.Issue(), authority.Root);
        await AssertAcceptedAsync(authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa2048 }), authority.Root);
        await AssertAcceptedAsync(authority.Issue(new TestCertificateOptions { DnsNames = [] }), authority.Root, host: "127.0.0.1");
    }

    [Fact]
    public async Task Expired_certificate_is_expired()
    {
        using var authority = new TestCertificateAuthority();
        var now = TimeProvider.System.GetUtcNow();
        await AssertRefusedAsync(ErrorCodes.TlsExpired, authority.Issue(new TestCertificateOptions { NotBefore = now.AddDays(-30), NotAfter = now.AddDays(-1) }), authority.Root);
    }

    [Fact]
    public async Task Certificate_of_tomorrow_is_not_yet_valid()
    {
        using var authority = new TestCertificateAuthority();
        var now = TimeProvider.System.GetUtcNow();
        await AssertRefusedAsync(ErrorCodes.TlsNotYetValid, authority.Issue(new TestCertificateOptions { NotBefore = now.AddDays(1), NotAfter = now.AddDays(30) }), authority.Root);
    }

    [Theory]
    [InlineData("localhost", "other.test")]
    [InlineData("127.0.0.1", "localhost", false)]
    [InlineData("a.example.test", "example.test")]
    [InlineData("example.test", "*.example.test")]
    [InlineData("a.b.example.test", "*.example.test")]
    [InlineData("a.b.example.test", "*.*.example.test")]
    [InlineData("a.example.test", "a.*.test")]
    [InlineData("xa.example.test", "*a.example.test")]
    public async Task Certificate_for_another_name_is_a_mismatch(string host, string name, bool withAddresses = false)
    {
        using var authority = new TestCertificateAuthority();
        var options = new TestCertificateOptions { DnsNames = [name], Addresses = withAddresses ? [IPAddress.Loopback] : [] };
        await AssertRefusedAsync(ErrorCodes.TlsNameMismatch, authority.Issue(options), authority.Root, host);
    }

    [Theory]
    [InlineData("example.test", "example.test")]
    [InlineData("EXAMPLE.test", "example.TEST")]
    [InlineData("a.example.test", "*.example.test")]
    public async Task Certificate_for_the_name_is_accepted(string host, string name)
    {
        using var authority = new TestCertificateAuthority();
        await AssertAcceptedAsync(authority.Issue(new TestCertificateOptions { DnsNames = [name], Addresses = [] }), authority.Root, host);
    }

    [Fact]
    public async Task Address_in_the_common_name_or_among_the_dns_names_is_no_address()
    {
        using var authority = new TestCertificateAuthority();
        await AssertRefusedAsync(ErrorCodes.TlsNameMismatch, authority.Issue(new TestCertificateOptions { DnsNames = ["127.0.0.1"], Addresses = [] }), authority.Root, "127.0.0.1");
        await AssertRefusedAsync(ErrorCodes.TlsNameMismatch, authority.Issue(new TestCertificateOptions { Addresses = [IPAddress.Parse("127.0.0.2")] }), authority.Root, "127.0.0.1");
    }

    [Fact]
    public async Task Name_in_the_common_name_only_is_no_name()
    {
        // RFC 9525, section 2: the common name is not looked at.
        using var authority = new TestCertificateAuthority();
        await AssertRefusedAsync(ErrorCodes.TlsNameMismatch, authority.Issue(new TestCertificateOptions { CommonName = "localhost", DnsNames = [], Addresses = [] }), authority.Root);
    }

    [Fact]
    public async Task Unknown_root_and_self_signed_certificate_are_untrusted()
    {
        using var authority = new TestCertificateAuthority();
        using var other = new TestCertificateAuthority("Other");
        using var namesake = new TestCertificateAuthority();
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, authority.Issue(), other.Root);
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, authority.Issue(), namesake.Root);
        using var own = TestCertificateAuthority.SelfSigned();
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, own, authority.Root);
        await AssertAcceptedAsync(own, authority.Root, tls: new TlsOptions { InsecureAcceptAnyCertificate = true });
    }

    [Fact]
    public async Task Missing_intermediate_is_untrusted_and_a_sent_one_is_accepted()
    {
        using var root = new TestCertificateAuthority();
        using var intermediate = root.IssueIntermediate();
        using var certificate = intermediate.Issue();
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, certificate, root.Root);
        await AssertAcceptedAsync(certificate, root.Root, chain: intermediate.Chain);
    }

    [Fact]
    public async Task Certificate_that_is_not_for_servers_is_untrusted()
    {
        using var authority = new TestCertificateAuthority();
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, authority.Issue(new TestCertificateOptions { ServerAuthentication = false, ClientAuthentication = true }), authority.Root);
    }

    [Fact]
    public async Task Leaf_that_signs_a_certificate_is_no_authority()
    {
        using var authority = new TestCertificateAuthority();
        using var leaf = authority.Issue();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var generator = X509SignatureGenerator.CreateForECDsa(leaf.GetECDsaPrivateKey()!);
        using var bare = request.Create(leaf.SubjectName, generator, leaf.NotBefore, leaf.NotAfter, [1, 2, 3]);
        using var forged = bare.CopyWithPrivateKey(key);
        await AssertRefusedAsync(ErrorCodes.TlsUntrusted, forged, authority.Root, chain: [leaf]);
    }

    [Fact]
    public async Task Short_rsa_key_is_weak()
    {
        using var authority = new TestCertificateAuthority(keyKind: TestKeyKind.Rsa2048);
        using var certificate = authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa1024 });
        await AssertRefusedAsync(ErrorCodes.TlsWeak, certificate, authority.Root, switches: ["-cipher", Weakest]);
    }

    [Fact]
    public async Task Signature_with_sha1_is_weak()
    {
        using var authority = new TestCertificateAuthority(keyKind: TestKeyKind.Rsa2048);
        using var certificate = authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa2048, Hash = HashAlgorithmName.SHA1 });
        await AssertRefusedAsync(ErrorCodes.TlsWeak, certificate, authority.Root, switches: Tls12Only);
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task Old_version_of_tls_is_not_spoken(string version)
    {
        using var authority = new TestCertificateAuthority(keyKind: TestKeyKind.Rsa2048);
        using var certificate = authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa2048 });
        await AssertRefusedAsync(ErrorCodes.TlsProtocol, certificate, authority.Root, switches: [version, "-cipher", Weakest]);
    }

    [Fact]
    public async Task Server_that_shares_no_cipher_is_a_protocol_error()
    {
        using var authority = new TestCertificateAuthority(keyKind: TestKeyKind.Rsa2048);
        using var certificate = authority.Issue(new TestCertificateOptions { Key = TestKeyKind.Rsa2048 });
        await AssertRefusedAsync(ErrorCodes.TlsProtocol, certificate, authority.Root, switches: ["-tls1_2", "-cipher", "NULL:@SECLEVEL=0"]);
    }

    [Fact]
    public async Task Minimum_version_is_held()
    {
        using var authority = new TestCertificateAuthority();
        var strict = new TlsOptions { MinimumVersion = System.Security.Authentication.SslProtocols.Tls13 };
        await AssertRefusedAsync(ErrorCodes.TlsProtocol, authority.Issue(), authority.Root, switches: ["-tls1_2"], tls: strict);
        await AssertAcceptedAsync(authority.Issue(), authority.Root, switches: ["-tls1_3"], tls: strict);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Client_certificate_that_is_required_and_missing_is_said(string version)
    {
        using var authority = new TestCertificateAuthority();
        var (process, port) = await OpensslServer.StartAsync(authority.Issue(), [], version, "-Verify", "1", "-verify_return_error");
        await using (process)
        {
            var options = Calls.Trusting(authority.Root);
            options = options with { Transport = options.Transport with { Resolver = Everywhere("localhost") } };
            var error = await Calls.FailureAsync($"https://localhost:{port}/", options);
            Assert.True(error.Code == ErrorCodes.TlsClientCertificateRequired, error.ToString());
        }
    }
}
