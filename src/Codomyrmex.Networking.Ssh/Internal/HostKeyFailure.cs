using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Why a host key is not accepted, in words that say what is known, what was shown, and what to do.</summary>
internal static class HostKeyFailure
{
    /// <summary>What <c>known_hosts</c> has against a key.</summary>
    public static NetworkException Of(HostKeyFinding finding, Endpoint endpoint, string host, int port, SshPublicKey key, HostKeyTrust trust) => finding switch
    {
        HostKeyFinding.Unknown => Unknown(endpoint, host, port, key, trust),
        HostKeyFinding.Changed changed => Changed(endpoint, host, port, key, changed.Known),
        HostKeyFinding.Revoked revoked => Revoked(endpoint, key, revoked.Line),
        HostKeyFinding.Unreadable unreadable => Unreadable(endpoint, key, unreadable.Line),
        _ => Fail(ErrorCodes.SshHostKeyUnverified, endpoint, $"The host key of {endpoint} could not be judged.", null),
    };

    public static NetworkException Revoked(Endpoint endpoint, SshPublicKey key, KnownHostsLine line) => Fail(ErrorCodes.SshHostKeyRevoked, endpoint,
        $"The host key of {endpoint} is revoked: {key} is marked @revoked in {line.Place}.",
        "Do not connect, and tell the server's operator: whoever has the key's private half can pose as the server.");

    public static NetworkException NotPinned(Endpoint endpoint, SshPublicKey key, IReadOnlyList<string> pins) => Fail(ErrorCodes.SshHostKeyChanged, endpoint,
        $"The host key of {endpoint} is not the pinned one: pinned {(pins.Count == 1 ? "is" : "are")} {string.Join(", ", pins.Take(5))}, shown is {key}.",
        "Somebody may stand in between. Replace the pin only when the server's operator confirms the new fingerprint by another way.");

    public static NetworkException NotInDns(Endpoint endpoint, SshPublicKey key) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        $"The host key of {endpoint} is none of those that DNS has for {endpoint.Host}, validated: it shows {key}.",
        "Somebody may stand in between, or the SSHFP records are old. Ask the server's operator for the fingerprint by another way, and for new records (there: ssh-keygen -r NAME).");

    public static NetworkException NoAnswerOfDns(Endpoint endpoint, SshPublicKey key, IPEndPoint resolver, NetworkException failure) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        $"The host key of {endpoint}, {key}, is not known, and {resolver} could not say whether DNS has it: {failure.Message}",
        "The resolver may be down, or it has found the records forged. Without it (HostKeyTrust.ValidatingResolver, --sshfp), or with the host in a known_hosts file, DNS is not asked.", failure);

    public static NetworkException Weak(Endpoint endpoint, SshPublicKey key, int least) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        string.Create(CultureInfo.InvariantCulture, $"The host key of {endpoint} is too weak: RSA with {key.Bits} bits, where {least} are the least."),
        "Ask the server's operator for an Ed25519 key; weaker ones have to be allowed (SSHClientOptions.MinimumRsaBits).");

    public static NetworkException Certificate(Endpoint endpoint, SshCertificate certificate, string place, string problem) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        $"The host certificate of {endpoint} is not good: {problem} (id '{Printable.Text(certificate.KeyId, 80)}', serial {certificate.Serial}, signed by {certificate.Authority}, trusted by {place}).",
        "Ask the server's operator for a certificate that is valid and names this host.");

    public static NetworkException Broken(Endpoint endpoint, Exception failed) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        $"The host key of {endpoint} could not be judged, and so is not accepted: {failed.Message}", null, failed);

    private static NetworkException Unknown(Endpoint endpoint, string host, int port, SshPublicKey key, HostKeyTrust trust)
    {
        var file = trust.KnownHostsFiles.Count > 0 ? trust.KnownHostsFiles[0] : "a known_hosts file";
        var looked = trust.KnownHostsFiles.Count > 0 ? string.Join(", ", trust.KnownHostsFiles.Take(4)) : "no file";
        return Fail(ErrorCodes.SshHostKeyUnknown, endpoint, $"The host key of {endpoint} is not known: it shows {key}; looked for '{HostNames.Of(host, port)}' in {looked}.",
            $"Ask the server's operator for its fingerprint (there: ssh-keygen -lf /etc/ssh/ssh_host_{ShortName(key)}_key.pub). Where it is the same, add this line to {file}: " +
            $"{KnownHostsText.Format(host, port, key, isHashed: false)} — or pin it (HostKeyTrust.PinnedFingerprints, --host-key). Whoever answers first can be believed (HostKeyTrust.AcceptNew, --accept-new).");
    }

    private static NetworkException Changed(Endpoint endpoint, string host, int port, SshPublicKey key, IReadOnlyList<KnownHostsLine> known)
    {
        var sameType = known.Where(line => line.Key!.Type == key.Plain.Type).ToList();
        var shown = (sameType.Count > 0 ? sameType : known).Take(5).Select(line => $"{line.Key} ({line.Place})");
        return Fail(ErrorCodes.SshHostKeyChanged, endpoint,
            $"The host key of {endpoint} has changed: known is {string.Join(", ", shown)}, shown is {key}.",
            "Somebody may stand in between, or the server has been set up anew. Ask its operator for the fingerprint by another way; only where it is the one shown, " +
            $"take the old line away (ssh-keygen -R '{HostNames.Of(host, port)}' -f {known[0].File}) and add the new one.");
    }

    private static NetworkException Unreadable(Endpoint endpoint, SshPublicKey key, KnownHostsLine line) => Fail(ErrorCodes.SshHostKeyUnverified, endpoint,
        $"The host key of {endpoint}, {key}, could not be judged: {line.Place} may be about it and cannot be read: {line.Problem}.",
        $"Correct or delete the line ({line.Place}).");

    private static string ShortName(SshPublicKey key) => key.Plain.Type switch
    {
        KeyTypes.Ed25519 => "ed25519",
        KeyTypes.Rsa => "rsa",
        KeyTypes.Dsa => "dsa",
        _ => "ecdsa",
    };

    private static NetworkException Fail(string code, Endpoint endpoint, string message, string? hint, Exception? inner = null) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Hint = hint,
        Endpoint = endpoint,
        Phase = NetworkPhase.Handshake,
        WasSent = WasSent.Never,
    }.ToException(inner);
}
