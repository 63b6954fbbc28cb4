using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Something that a <see cref="LoopbackServer"/> does wrong, when told to by <see cref="LoopbackServer.Inject"/>: <c>Fault.Reset(after: 100) with { Path = "/big", Times = 1 }</c>.
/// Handlers know nothing of it. Immutable; the same one may be injected into several servers. Bytes are counted in the body, in its coded form,
/// without the marks of chunks; where the body is shorter, the fault comes at its end.
/// </summary>
public sealed record Fault : IFault
{
    private readonly TlsServer? _tls;

    private Fault(FaultKind kind, long? after, TlsServer? tls = null)
    {
        if (after is { } count)
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(after));
        (Kind, After, _tls) = (kind, after, tls);
    }

    /// <summary>The method of the requests that it is for. The default value is <c>*</c>: any.</summary>
    public string Method { get; init; } = "*";

    /// <summary>The path of the requests that it is for; a <c>*</c> in it stands for any text. The default value is <c>*</c>.</summary>
    public string Path { get; init; } = "*";

    /// <summary>The one connection that it is for, counted from 1 since the server's start. The default value is null: every one.</summary>
    public int? Connection { get; init; }

    /// <summary>
    /// Whether it comes when a connection is opened, before TLS and before any request; <see cref="Method"/> and <see cref="Path"/> say nothing then. The
    /// default value is false for faults of answers, true for those of TLS.
    /// </summary>
    public bool AtConnection { get; init; }

    /// <summary>How often it happens. The default value is null: without end.</summary>
    public int? Times { get; init; }

    /// <summary>How likely it is to happen, from 0 to 1, by the dice of <see cref="LoopbackServerOptions.FaultSeed"/>. The default value is 1.</summary>
    public double Chance { get; init; } = 1;

    internal FaultKind Kind { get; }

    internal long? After { get; }

    internal TimeSpan Pause { get; private init; }

    internal TlsServer Tls => _tls!;

    /// <summary>Waits, then goes on as if nothing had been.</summary>
    /// <param name="pause">How long, on the server's clock.</param>
    /// <param name="after">After so many bytes of the body; null before the answer begins.</param>
    public static Fault Delay(TimeSpan pause, long? after = null) => new(FaultKind.Delay, after) { Pause = pause };

    /// <summary>Breaks the connection with a reset (RST).</summary>
    /// <param name="after">After so many bytes of the body, 0 for the fields alone; null before the answer begins.</param>
    public static Fault Reset(long? after = null) => new(FaultKind.Reset, after);

    /// <summary>Sends nothing more and keeps the connection open, until the client gives up.</summary>
    /// <param name="after">After so many bytes of the body, 0 for the fields alone; null before the answer begins.</param>
    public static Fault Stall(long? after = null) => new(FaultKind.Stall, after);

    /// <summary>Ends the connection in an orderly way (FIN, with TLS's goodbye), the answer incomplete.</summary>
    /// <param name="after">After so many bytes of the body, 0 for the fields alone; null before the answer begins.</param>
    public static Fault Truncate(long? after = null) => new(FaultKind.Truncate, after);

    /// <summary>Flips the bits of one byte.</summary>
    /// <param name="at">Which byte of the body, counted from 0; null for the first byte of the answer.</param>
    public static Fault Corrupt(long? at = null) => new(FaultKind.Corrupt, at);

    /// <summary>Answers the client's hello with bytes that are no TLS.</summary>
    public static Fault HandshakeGarbage() => new(FaultKind.Garbage, null) { AtConnection = true };

    /// <summary>Presents another certificate than the server's own.</summary>
    /// <param name="certificate">The certificate, with its private key.</param>
    /// <param name="intermediates">The intermediates sent after it.</param>
    public static Fault Certificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var tls = new LoopbackTlsOptions { Certificate = certificate, Intermediates = intermediates ?? [] };
        return new Fault(FaultKind.Certificate, null, new TlsServer(tls, alpn: true)) { AtConnection = true };
    }

    /// <summary>Presents a certificate of a trusted authority for another host.</summary>
    /// <param name="authority">The authority that clients trust.</param>
    public static Fault WrongName(TestCertificateAuthority authority) => Issued(authority, new() { DnsNames = ["other.test"], Addresses = [] });

    /// <summary>Presents a certificate of a trusted authority that ran out a day ago.</summary>
    /// <param name="authority">The authority that clients trust.</param>
    public static Fault Expired(TestCertificateAuthority authority) =>
        Issued(authority, new() { NotBefore = DateTimeOffset.UtcNow.AddDays(-30), NotAfter = DateTimeOffset.UtcNow.AddDays(-1) });

    /// <summary>Presents a certificate of a trusted authority that is valid from tomorrow on.</summary>
    /// <param name="authority">The authority that clients trust.</param>
    public static Fault NotYetValid(TestCertificateAuthority authority) =>
        Issued(authority, new() { NotBefore = DateTimeOffset.UtcNow.AddDays(1), NotAfter = DateTimeOffset.UtcNow.AddDays(30) });

    /// <summary>Presents a certificate that no authority stands behind.</summary>
    public static Fault Untrusted() => Certificate(TestCertificateAuthority.SelfSigned());

    /// <summary>What it does, and to whom.</summary>
    public override string ToString() =>
        $"{Kind}{(After is { } count ? $" after {count} bytes" : "")} {(AtConnection ? "of a connection" : $"of {Method} {Path}")}";

    internal bool IsFor(string method, string path) =>
        !AtConnection && (Method == "*" || Method == method) && MockPattern.Matches(Path, path);

    private static Fault Issued(TestCertificateAuthority authority, TestCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(authority);
        return Certificate(authority.Issue(options), authority.Chain);
    }
}
