namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>A key that an agent holds.</summary>
/// <param name="Key">Its public half, or a certificate for it.</param>
/// <param name="Comment">What its owner calls it.</param>
internal sealed record AgentIdentity(SshPublicKey Key, string Comment);
