using System.Text;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of keys, certificates, known hosts, configuration and an agent's answers.</summary>
internal static class SshTargets
{
    private static readonly string[] KeyWords = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "nistp256", "-cert-v01@openssh.com", "\0\0\0\u0020", "\0\0\0\0", "\u00FF\u00FF\u00FF\u00FF"];

    private static readonly ConfigFacts Facts = new() { Host = "web.example", LocalUser = "ada", Home = "/home/ada", Environment = static name => name == "HOME" ? "/home/ada" : null };

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ssh-key", ReadKey) { Words = KeyWords },
        new("ssh-key-text", ReadKeyText) { Words = ["ssh-ed25519 AAAA", " ", "=", "ssh-rsa "] },
        new("ssh-signature", ReadSignature) { Words = KeyWords, Iterations = 2_000 },
        new("ssh-hostkeys", ReadAnnouncement) { Words = KeyWords, Iterations = 2_000 },
        new("known-hosts-rotation", Rotate) { Words = ["@revoked ", "@cert-authority ", "|1|", "*", "!", ",", "[web.example]:2222 ", "\n", "\r\n", "#", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"] },
        new("known-hosts", ReadKnownHosts) { Words = ["@revoked ", "@cert-authority ", "|1|", "*", "!", ",", "[", "]:2222", "\r\n", "#", "web.example ", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"] },
        new("ssh-config", ReadConfig) { Words = ["Host ", "Match ", "final", "exec ", "all", "Include inner", "%h", "${HOME}", "~", "\"", "\\", "=", "!", "*", "Port ", "IdentityFile ", "\n", "ProxyJump "] },
        new("ssh-agent", ReadAgent) { Words = ["\u000C\0\0\0\u0001", "\u000E", "\u0005", "\0\0\0\u000Bssh-ed25519", "\u00FF\u00FF\u00FF\u00FF"] },
    ];

    private static void ReadKey(byte[] input)
    {
        var key = SshPublicKey.Parse(input);
        Promise.Keep(key.Blob.AsSpan().SequenceEqual(input), "a key is its bytes");
        Promise.Keep(SshPublicKey.ParseText(key.Text).Equals(key), "a key's text is read as the key");
        Promise.Keep(key.Fingerprint.Length == 50 && key.Plain.Certificate is null, "a key has a fingerprint, and a plain half");
        if (key.Certificate is { } certificate)
            _ = CertificateRules.ProblemForHost(certificate, "web.example", DateTimeOffset.UnixEpoch, 2048, static (_, _, _) => false);
    }

    private static void ReadKeyText(byte[] input)
    {
        var key = SshPublicKey.ParseText(Encoding.UTF8.GetString(input));
        Promise.Keep(!key.Text.AsSpan().ContainsAny('\n', '\r'), "a key's text is one line");
    }

    private static void ReadSignature(byte[] input)
    {
        var at = Array.IndexOf(input, (byte)'|');
        var key = SshPublicKey.ParsePlain(at < 0 ? input : input[..at]);
        Promise.Keep(!SignatureCheck.Holds(key, "data"u8, at < 0 ? [] : input[(at + 1)..], static (_, _, _) => false), "nothing that was made up is a signature");
    }

    private static void ReadAnnouncement(byte[] input)
    {
        var keys = HostKeyProof.ReadAnnouncement(input);
        Promise.Keep(keys.Count <= HostKeyProof.MostKeys && keys.All(static key => key.Certificate is null) && keys.Distinct().Count() == keys.Count, "an announcement has so many keys, each once");
        Promise.Keep(keys.Count == 0 || !HostKeyProof.Holds(input, keys, [1], static (_, _, _) => false), "nothing that was made up proves a key");
    }

    private static void Rotate(byte[] input)
    {
        const string Name = "[web.example]:2222";
        var text = Encoding.UTF8.GetString(input);
        var lines = KnownHostsText.Parse(text, "file");
        if (lines.FirstOrDefault(static line => line.Key is not null && line.Names(Name))?.Key is not { } used || KnownHostsRotation.Plan(lines, "file", "web.example", 2222, used, [used], static _ => true) is not { } plan)
            return;
        var after = KnownHostsText.Parse(plan.Apply(text, isHashed: false), "file");
        Promise.Keep(after.Any(line => line.Names(Name) && used.Equals(line.Key)), "the key that is used stays known");
        Promise.Keep(after.Count(static line => line.Marker == KnownHostsMarker.Revoked || line.Problem is not null) == lines.Count(static line => line.Marker == KnownHostsMarker.Revoked || line.Problem is not null), "what is revoked, or cannot be read, stays as it is");
        Promise.Keep(!after.Any(line => line.Marker == KnownHostsMarker.None && line.Key is not null && line.Names(Name) && !used.Equals(line.Key)), "what is not announced is forgotten");
    }

    private static void ReadKnownHosts(byte[] input)
    {
        var lines = KnownHostsText.Parse(Encoding.UTF8.GetString(input), "file");
        Promise.Keep(lines.All(static line => line.Key is null == line.Problem is not null), "a line has a key or a problem");
        foreach (var key in lines.Select(static line => line.Key).OfType<SshPublicKey>().Take(3))
        {
            var finding = KnownHostsCheck.Of(lines, "web.example", 2222, key);
            var isRevoked = lines.Any(line => line.Marker == KnownHostsMarker.Revoked && line.Key is not null && line.Key.Plain.Equals(key.Plain) && line.Names("web.example"));
            Promise.Keep(!isRevoked || finding is HostKeyFinding.Revoked, "a revoked key is never anything else");
            Promise.Keep(finding is not HostKeyFinding.Unknown || !lines.Any(static line => line.Problem is not null && line.MayConcern("[web.example]:2222")), "a line that may be about a host is not passed over");
            _ = KnownHostsCheck.TypesOf(lines, "web.example", 2222);
        }
    }

    private static void ReadConfig(byte[] input)
    {
        var source = ConfigText.Parse(Encoding.UTF8.GetString(input), "config");
        var values = new ConfigEvaluation(Facts, (_, _) => [source], exec: null).Run([source]);
        var settings = new ConfigReading(values, Facts).Settings();
        Promise.Keep(settings.Host.Length > 0 && !settings.Host.Any(char.IsControl) && settings.Host[0] != '-', "a host is a name");
        Promise.Keep(settings.Port is > 0 and <= 65535, "a port is one");
    }

    private static void ReadAgent(byte[] input)
    {
        if (input is [14, ..])
            _ = AgentMessages.ReadSignature(input, "ssh-ed25519");
        else if (input is [5 or 12, ..])
            _ = AgentMessages.ReadIdentities(input);
        else if (input.Length >= 4)
            Promise.Keep(AgentMessages.Length(input) is > 0 and <= AgentMessages.LongestMessage, "an answer has a length within bounds");
    }
}
