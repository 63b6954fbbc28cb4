using System.Globalization;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Whether a certificate proves what it is shown for, once its signer is trusted (PROTOCOL.certkeys).</summary>
internal static class CertificateRules
{
    /// <summary>Why a certificate does not make a key that of a host; null where it does.</summary>
    /// <param name="certificate">What the host showed, its signer known as an authority for the host.</param>
    /// <param name="host">The name that was asked for, without a port.</param>
    /// <param name="now">The time.</param>
    /// <param name="leastRsaBits">What an RSA key of the signer must have at least.</param>
    /// <param name="ed25519">Verifies Ed25519.</param>
    public static string? ProblemForHost(SshCertificate certificate, string host, DateTimeOffset now, int leastRsaBits, Ed25519Verifier ed25519)
    {
        if (certificate.Kind != SshCertificate.HostType)
            return "it is not for hosts";
        // OpenSSH takes an empty list for all hosts; a certificate that somebody forgot to name a host in would then be good for each.
        if (certificate.Principals.Count == 0)
            return "it names no host";
        if (!certificate.Principals.Any(principal => NamePattern.Matches(principal.ToLowerInvariant(), host.ToLowerInvariant())))
            return $"it is for {string.Join(", ", certificate.Principals.Take(5).Select(name => Printable.Text(name, 80)))}";
        var seconds = (ulong)Math.Max(0, now.ToUnixTimeSeconds());
        if (seconds < certificate.ValidAfter)
            return $"it is not valid before {Time(certificate.ValidAfter)}";
        if (seconds >= certificate.ValidBefore)
            return $"it has expired at {Time(certificate.ValidBefore)}";
        if (certificate.CriticalOptions.Count > 0)
            return $"it has the critical option '{Printable.Text(certificate.CriticalOptions[0], 80)}', which is not known";
        if (certificate.Authority.Type == KeyTypes.Rsa && certificate.Authority.Bits < leastRsaBits)
            return string.Create(CultureInfo.InvariantCulture, $"its signer's RSA key has {certificate.Authority.Bits} bits, fewer than {leastRsaBits}");
        return SignatureCheck.Holds(certificate.Authority, certificate.SignedBytes, certificate.Signature, ed25519)
            ? null
            : "its signature is wrong, or made by an algorithm that is not accepted";
    }

    private static string Time(ulong seconds) => seconds <= 253_402_300_799
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("u", CultureInfo.InvariantCulture)
        : "the end of time";
}
