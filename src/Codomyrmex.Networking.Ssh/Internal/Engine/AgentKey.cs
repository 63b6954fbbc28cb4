using Codomyrmex.Networking.Ssh.Protocol;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>A key of an agent's as the engine wants keys: it shows the public half, and has the agent sign.</summary>
internal sealed class AgentKey : IPrivateKeySource
{
    public AgentKey(AgentClient agent, AgentIdentity identity, CancellationToken cancellationToken) =>
        HostKeyAlgorithms = [.. KeyTypes.SignatureAlgorithms(identity.Key.Type).Select(algorithm => new Algorithm(agent, identity.Key, algorithm, cancellationToken))];

    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }

    /// <summary>The agent's keys.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="only">Files of keys, each with its public half beside it: those alone are used (<c>IdentitiesOnly</c>); null for all.</param>
    /// <param name="minimumRsaBits">What RSA keys must have at least; weaker ones are passed over.</param>
    /// <param name="cancellationToken">Cancels asking it.</param>
    public static async Task<IReadOnlyList<IPrivateKeySource>> OfAsync(AgentClient agent, IReadOnlyList<string>? only, int minimumRsaBits, CancellationToken cancellationToken)
    {
        var identities = await agent.ListAsync(cancellationToken).ConfigureAwait(false);
        var wanted = only?.Select(PublicHalf).OfType<SshPublicKey>().ToList();
        return [.. identities
            .Where(identity => wanted is null || wanted.Exists(key => key.Plain.Equals(identity.Key.Plain)))
            .Where(identity => identity.Key.Plain.Type != KeyTypes.Rsa || identity.Key.Bits >= minimumRsaBits)
            .Select(identity => new AgentKey(agent, identity, cancellationToken))];
    }

    private static SshPublicKey? PublicHalf(string path)
    {
        try
        {
            var full = HomePath.Expand(path);
            return SshPublicKey.ParseText(File.ReadAllText(full.EndsWith(".pub", StringComparison.Ordinal) ? full : full + ".pub"));
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private sealed class Algorithm(AgentClient agent, SshPublicKey key, string name, CancellationToken cancellationToken) : HostAlgorithm(name)
    {
        public override byte[] Data => key.Blob;

        // The engine signs on a thread of its own and knows no other way than to wait.
        public override byte[] Sign(byte[] data) => Task.Run(() => agent.SignAsync(key, data, Name, cancellationToken), cancellationToken).GetAwaiter().GetResult();

        public override bool VerifySignature(byte[] data, byte[] signature) => SignatureCheck.Holds(key.Plain, data, signature, Ed25519.Verifier);
    }
}
