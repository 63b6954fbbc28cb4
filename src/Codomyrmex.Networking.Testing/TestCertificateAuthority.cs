using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A certificate authority that lives in memory: it issues certificates that servers in tests present and that clients trust through
/// <see cref="Root"/>. Nothing is put into the system's stores. Thread-safe; certificates issued outlive it.
/// </summary>
public sealed class TestCertificateAuthority : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly TimeProvider _clock;

    /// <summary>A new root.</summary>
    /// <param name="commonName">The root's name.</param>
    /// <param name="keyKind">The root's key.</param>
    /// <param name="clock">The clock that validity is counted from; the system's by default.</param>
    public TestCertificateAuthority(
        string commonName = "Codomyrmex test root", TestKeyKind keyKind = TestKeyKind.EcdsaP256, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _key = TestKeys.Create(keyKind);
        var request = TestKeys.Request(commonName, _key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        Root = Certificate = Sign(request, request.SubjectName, _key, HashAlgorithmName.SHA256, Now.AddYears(-10), Now.AddYears(10), _key);
        Chain = [];
    }

    private TestCertificateAuthority(TestCertificateAuthority parent, string commonName, TestKeyKind keyKind)
    {
        _clock = parent._clock;
        _key = TestKeys.Create(keyKind);
        var request = TestKeys.Request(commonName, _key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        Root = parent.Root;
        Certificate = parent.Sign(request, HashAlgorithmName.SHA256, Now.AddYears(-9), Now.AddYears(9), _key);
        Chain = [Certificate, .. parent.Chain];
    }

    /// <summary>The root, to be trusted by clients.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>This authority's own certificate: <see cref="Root"/>, or the intermediate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The intermediates that a server sends after its own certificate, the issuer first; empty for a root.</summary>
    public X509Certificate2Collection Chain { get; }

    private DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Issues a certificate with its private key.</summary>
    /// <param name="options">What it says; the defaults suit a server on the loopback addresses.</param>
    public X509Certificate2 Issue(TestCertificateOptions? options = null)
    {
        options ??= new TestCertificateOptions();
        using var key = TestKeys.Create(options.Key);
        var request = TestKeys.Request(options, key);
        return Sign(request, options.Hash, options.NotBefore ?? Now.AddDays(-1), options.NotAfter ?? Now.AddDays(30), key);
    }

    /// <summary>An authority below this one.</summary>
    /// <param name="commonName">Its name.</param>
    /// <param name="keyKind">Its key.</param>
    public TestCertificateAuthority IssueIntermediate(
        string commonName = "Codomyrmex test intermediate", TestKeyKind keyKind = TestKeyKind.EcdsaP256) => new(this, commonName, keyKind);

    /// <summary>A certificate that signed itself and that no authority stands behind.</summary>
    /// <param name="options">What it says.</param>
    /// <param name="clock">The clock that validity is counted from; the system's by default.</param>
    public static X509Certificate2 SelfSigned(TestCertificateOptions? options = null, TimeProvider? clock = null)
    {
        options ??= new TestCertificateOptions();
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        using var key = TestKeys.Create(options.Key);
        var request = TestKeys.Request(options, key);
        return Sign(request, request.SubjectName, key, options.Hash, options.NotBefore ?? now.AddDays(-1), options.NotAfter ?? now.AddDays(30), key);
    }

    /// <summary>Writes <see cref="Root"/> as PEM, without its key.</summary>
    /// <param name="path">The file.</param>
    public void WriteRootPem(string path) => File.WriteAllText(path, Root.ExportCertificatePem() + "\n");

    /// <summary>Writes a certificate that this authority issued, its intermediates and its key as PEM, as nginx and others want them.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="certificatePath">The file for the certificate, followed by <see cref="Chain"/>.</param>
    /// <param name="keyPath">The file for the key (PKCS#8, readable by its owner only); null writes none.</param>
    public void WritePem(X509Certificate2 certificate, string certificatePath, string? keyPath = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var text = new StringBuilder(certificate.ExportCertificatePem()).Append('\n');
        foreach (var issuer in Chain)
            text.Append(issuer.ExportCertificatePem()).Append('\n');
        File.WriteAllText(certificatePath, text.ToString());
        if (keyPath is not null)
            TestKeys.WritePem(certificate, keyPath);
    }

    /// <summary>Forgets the authority's key. Certificates issued stay usable.</summary>
    public void Dispose() => _key.Dispose();

    private static void AddAuthorityExtensions(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
    }

    private X509Certificate2 Sign(
        CertificateRequest request, HashAlgorithmName hash, DateTimeOffset notBefore, DateTimeOffset notAfter, AsymmetricAlgorithm key)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        return Sign(request, Certificate.SubjectName, _key, hash, notBefore, notAfter, key);
    }

    private static X509Certificate2 Sign(
        CertificateRequest request, X500DistinguishedName issuer, AsymmetricAlgorithm issuerKey, HashAlgorithmName hash,
        DateTimeOffset notBefore, DateTimeOffset notAfter, AsymmetricAlgorithm key)
    {
        // Not CertificateRequest.Create(issuer certificate, …): it refuses dates outside the issuer's own, which tests need.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        serial[0] |= 0x01;
        using var bare = request.Create(issuer, TestKeys.Generator(issuerKey, hash), notBefore, notAfter, serial);
        return TestKeys.Join(bare, key);
    }
}
