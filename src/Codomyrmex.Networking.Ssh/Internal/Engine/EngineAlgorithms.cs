using Codomyrmex.Networking.Ssh.Protocol;
using Renci.SshNet;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// What is offered, the best first: of two sides that share several, the client's order decides (RFC 4253, section 7.1). The engine's own lists are replaced, so
/// what a later version of it adds is not offered unseen.
/// </summary>
internal static class EngineAlgorithms
{
    private static readonly string[] ModernExchanges =
    [
        "mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com", "curve25519-sha256", "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
    ];

    private static readonly string[] CompatibleExchanges =
        ["diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512", "diffie-hellman-group-exchange-sha256", "diffie-hellman-group14-sha256"];

    private static readonly string[] LegacyExchanges = ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"];

    // AES-GCM before ChaCha20: the platform's AES is three times as fast as the engine's managed ChaCha20 (docs/decisions/0011).
    private static readonly string[] ModernCiphers =
        ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"];

    private static readonly string[] LegacyCiphers = ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"];

    private static readonly string[] ModernIntegrity = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"];

    private static readonly string[] CompatibleIntegrity = ["hmac-sha2-256", "hmac-sha2-512"];

    private static readonly string[] LegacyIntegrity = ["hmac-sha1-etm@openssh.com", "hmac-sha1"];

    private static readonly string[] ModernHostKeys =
        [KeyTypes.Ed25519, KeyTypes.Nistp256, KeyTypes.Nistp384, KeyTypes.Nistp521, KeyTypes.RsaSha512, KeyTypes.RsaSha256];

    public static string[] Exchanges(SSHAlgorithms profile, SSHAlgorithmLists lists) => AlgorithmList.Apply(lists.KeyExchanges, Of(profile, ModernExchanges, CompatibleExchanges, LegacyExchanges));

    public static string[] Ciphers(SSHAlgorithms profile, SSHAlgorithmLists lists) => AlgorithmList.Apply(lists.Ciphers, Of(profile, ModernCiphers, [], LegacyCiphers));

    public static string[] Integrity(SSHAlgorithms profile, SSHAlgorithmLists lists) => AlgorithmList.Apply(lists.Integrity, Of(profile, ModernIntegrity, CompatibleIntegrity, LegacyIntegrity));

    /// <summary>Algorithms of host keys, certificates included: <see cref="HostKeyJudge"/> puts those first that the host is known by.</summary>
    public static string[] HostKeys(SSHAlgorithms profile, SSHAlgorithmLists lists) =>
        AlgorithmList.Apply(lists.HostKeys, [.. ModernHostKeys.Select(static name => name + "-cert-v01@openssh.com"), .. Of(profile, ModernHostKeys, [], [KeyTypes.Rsa])]);

    /// <summary>Leaves of one of the engine's lists what is named, in that order.</summary>
    public static void Keep<T>(IOrderedDictionary<string, T> list, string[] names)
    {
        var kept = names.Where(((IDictionary<string, T>)list).ContainsKey).Select(name => KeyValuePair.Create(name, list[name])).ToArray();
        list.Clear();
        foreach (var (name, value) in kept)
            list.Add(name, value);
    }

    private static string[] Of(SSHAlgorithms profile, string[] modern, string[] compatible, string[] legacy) => profile switch
    {
        SSHAlgorithms.Modern => modern,
        SSHAlgorithms.Compatible => [.. modern, .. compatible],
        _ => [.. modern, .. compatible, .. legacy],
    };
}
