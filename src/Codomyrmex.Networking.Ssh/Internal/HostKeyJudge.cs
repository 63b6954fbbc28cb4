using System.Net;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// Decides for one connection whether the key that the server shows is the host's. It is asked with the name that the caller connects to, whatever
/// address or tunnel lies in between, and either returns or throws: there is no third way out (CVE class 48).
/// </summary>
internal sealed class HostKeyJudge
{
    private readonly HostKeyTrust _trust;
    private readonly Endpoint _endpoint;
    private readonly string _host;
    private readonly int _port;
    private readonly TimeProvider _clock;
    private readonly Ed25519Verifier _ed25519;
    private readonly IReadOnlyList<KnownHostsLine> _lines;
    private SshPublicKey? _known;
    private HostKeyRecords? _records;

    private HostKeyJudge(HostKeyTrust trust, Endpoint endpoint, TimeProvider clock, Ed25519Verifier ed25519, IReadOnlyList<KnownHostsLine> lines)
    {
        (_trust, _endpoint, _clock, _ed25519, _lines) = (trust, endpoint, clock, ed25519, lines);
        (_host, _port) = trust.HostKeyAlias is { } alias ? (alias, HostNames.DefaultPort) : (endpoint.Host, endpoint.Port);
    }

    /// <summary>Reads what is known, before anything is sent.</summary>
    /// <param name="trust">By what to judge.</param>
    /// <param name="endpoint">The host and port as the caller named them.</param>
    /// <param name="clock">The time, for certificates.</param>
    /// <param name="ed25519">Verifies signatures of Ed25519.</param>
    public static HostKeyJudge Open(HostKeyTrust trust, Endpoint endpoint, TimeProvider clock, Ed25519Verifier ed25519)
    {
        trust.Validate();
        if (trust.InsecureAcceptAnyHostKey)
            return new(trust, endpoint, clock, ed25519, []);
        try
        {
            return new(trust, endpoint, clock, ed25519, KnownHostsFile.ReadAll(trust.KnownHostsFiles));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw HostKeyFailure.Broken(endpoint, unreadable);
        }
    }

    /// <summary>As <see cref="Open"/>; a host of which nothing is known is looked up in DNS too, where that is wanted.</summary>
    public static async Task<HostKeyJudge> OpenAsync(HostKeyTrust trust, Endpoint endpoint, TimeProvider clock, Ed25519Verifier ed25519, CancellationToken cancellationToken)
    {
        var judge = Open(trust, endpoint, clock, ed25519);
        if (trust.ValidatingResolver is { } resolver && judge.IsUnheardOf && !IPAddress.TryParse(endpoint.Host, out _))
            judge._records = await HostKeyRecords.AskAsync(resolver, endpoint.Host, clock, cancellationToken).ConfigureAwait(false);
        return judge;
    }

    /// <summary>Whether nothing but DNS could say whose the key is.</summary>
    private bool IsUnheardOf => _trust is { InsecureAcceptAnyHostKey: false, PinnedFingerprints.Count: 0 } &&
        KnownHostsCheck.TypesOf(_lines, _host, _port).Count == 0 && !KnownHostsCheck.HasAuthority(_lines, _host, _port);

    /// <summary>Whether the host is to be followed to new keys, where it turns out to be known by a line of its own.</summary>
    public bool FollowsRotation => _trust is { FollowRotation: true, InsecureAcceptAnyHostKey: false, PinnedFingerprints.Count: 0, KnownHostsFiles.Count: > 0 };

    /// <summary>What follows the host to new keys on a connection whose key was accepted here; null where it is not followed: the key was pinned, certified or taken on DNS's word.</summary>
    /// <param name="types">The types of keys that the client takes.</param>
    /// <param name="sessionId">The hash of the connection's first key exchange.</param>
    public HostKeyRotation? Rotation(IReadOnlyCollection<string> types, ReadOnlyMemory<byte> sessionId) =>
        FollowsRotation && _known is { } known ? new HostKeyRotation(_trust, _host, _port, known, types, _ed25519) { SessionId = sessionId.ToArray() } : null;

    /// <summary>
    /// The algorithms for host keys in the order in which to ask for them: certificates only where somebody is known to sign them, then the types that the host is known
    /// by, so that a server that has one of those does not show one that would be new.
    /// </summary>
    /// <param name="algorithms">Those that may be offered, the best first.</param>
    public IReadOnlyList<string> Order(IReadOnlyList<string> algorithms)
    {
        var isPinned = _trust.PinnedFingerprints.Count > 0;
        var wantsCertificates = isPinned || KnownHostsCheck.HasAuthority(_lines, _host, _port);
        var known = isPinned ? [] : KnownHostsCheck.TypesOf(_lines, _host, _port);
        return [.. algorithms
            .Where(algorithm => wantsCertificates || !KeyTypes.IsCertificate(algorithm))
            .OrderBy(algorithm => KeyTypes.IsCertificate(algorithm) ? 0 : known.Contains(KeyTypes.OfAlgorithm(algorithm)) || IsInDns(KeyTypes.OfAlgorithm(algorithm)) ? 1 : 2)];
    }

    private bool IsInDns(string type) => _records is not null && _records.Validated.Any(record => record.IsOfType(type));

    /// <summary>Returns where the key is accepted, and throws where it is not, whatever the reason.</summary>
    /// <param name="shown">The key or certificate exactly as the server sent it, its signature over the key exchange checked.</param>
    /// <exception cref="SSHException">It is not accepted.</exception>
    public void Demand(ReadOnlySpan<byte> shown)
    {
        if (_trust.InsecureAcceptAnyHostKey)
            return;
        try
        {
            Judge(SshPublicKey.Parse(shown));
        }
        catch (NetworkException)
        {
            throw;
        }
        catch (Exception failed)
        {
            throw HostKeyFailure.Broken(_endpoint, failed);
        }
    }

    private void Judge(SshPublicKey key)
    {
        if (key.Plain.Type == KeyTypes.Rsa && key.Plain.Bits < _trust.MinimumRsaBits)
            throw HostKeyFailure.Weak(_endpoint, key, _trust.MinimumRsaBits);
        var finding = KnownHostsCheck.Of(_lines, _host, _port, key);
        if (finding is HostKeyFinding.Revoked revoked)
            throw HostKeyFailure.Revoked(_endpoint, key, revoked.Line);
        if (_trust.PinnedFingerprints.Count > 0)
        {
            DemandPin(key);
            return;
        }
        switch (finding)
        {
            case HostKeyFinding.Match:
                _known = key.Plain;
                return;
            case HostKeyFinding.Certified certified:
                DemandCertificate(certified.Certificate, certified.Line.Place);
                return;
            case HostKeyFinding.Unknown when _records is { Failure: { } failure }:
                throw HostKeyFailure.NoAnswerOfDns(_endpoint, key, _trust.ValidatingResolver!, failure);
            case HostKeyFinding.Unknown when _records is { Validated.Count: > 0 } records:
                if (!records.Validated.Any(record => record.Names(key)))
                    throw HostKeyFailure.NotInDns(_endpoint, key);
                if (_trust.AcceptNew)
                    Remember(key);
                return;
            case HostKeyFinding.Unknown when _trust.AcceptNew:
                Remember(key);
                _known = key.Plain;
                return;
            default:
                throw HostKeyFailure.Of(finding, _endpoint, _host, _port, key, _trust);
        }
    }

    private void DemandPin(SshPublicKey key)
    {
        if (IsPinned(key.Fingerprint))
            return;
        if (key.Certificate is not { } certificate || !IsPinned(certificate.Authority.Fingerprint))
            throw HostKeyFailure.NotPinned(_endpoint, key, _trust.PinnedFingerprints);
        DemandCertificate(certificate, "the pinned fingerprint " + certificate.Authority.Fingerprint);
    }

    private bool IsPinned(string fingerprint) => _trust.PinnedFingerprints.Any(pin =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(pin.TrimEnd('=')), Encoding.ASCII.GetBytes(fingerprint)));

    private void DemandCertificate(SshCertificate certificate, string place)
    {
        if (CertificateRules.ProblemForHost(certificate, _host, _clock.GetUtcNow(), _trust.MinimumRsaBits, _ed25519) is { } problem)
            throw HostKeyFailure.Certificate(_endpoint, certificate, place, problem);
    }

    /// <summary>Writes the key down. Another connection may have done so meanwhile, perhaps with another key: the file is judged again under its lock.</summary>
    private void Remember(SshPublicKey key) => KnownHostsFile.Append(_trust.KnownHostsFiles[0], now =>
    {
        var finding = KnownHostsCheck.Of(now, _host, _port, key);
        return finding switch
        {
            HostKeyFinding.Match => null,
            HostKeyFinding.Unknown => KnownHostsText.Format(_host, _port, key, _trust.HashNewHosts),
            _ => throw HostKeyFailure.Of(finding, _endpoint, _host, _port, key, _trust),
        };
    });
}
