namespace Codomyrmex.Networking.Ssh.Internal;

internal sealed class KeyFileCredential(string path, string? passphrase, string? certificatePath) : SSHCredential
{
    /// <summary>Whether it is passed over where it cannot be used, since nobody has named it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Files of certificates, of which one may be the key's.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    public string Path => path;

    public string? Passphrase => passphrase;

    public string? CertificatePath => certificatePath;

    public override string ToString() => $"key file {path}";
}

internal sealed class AgentCredential(string? socketPath) : SSHCredential
{
    /// <summary>Whether it is passed over where it cannot be reached, since nobody has named it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Files of keys: of the agent's keys only those are used whose public half is beside one of them; null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    public string? SocketPath => socketPath;

    public override string ToString() => socketPath is null ? "agent" : $"agent at {socketPath}";
}

internal sealed class PasswordCredential(string password) : SSHCredential
{
    public string Value => password;

    public override string ToString() => $"password {Redactor.Mask}";
}

internal sealed class InteractiveCredential(Func<SSHChallenge, CancellationToken, ValueTask<IReadOnlyList<string>>> answer) : SSHCredential
{
    public Func<SSHChallenge, CancellationToken, ValueTask<IReadOnlyList<string>>> Answer => answer;

    public override string ToString() => "interactive";
}

/// <summary>A credential that is shown to servers with certain host keys alone.</summary>
internal sealed class BoundCredential(SSHCredential inner, IReadOnlyList<string> fingerprints) : SSHCredential
{
    public SSHCredential Inner => inner;

    public IReadOnlyList<string> Fingerprints => fingerprints;

    public bool IsFor(string fingerprint) => fingerprints.Contains(fingerprint.TrimEnd('='), StringComparer.Ordinal);

    public override string ToString() => $"{inner} for {string.Join(", ", fingerprints)} alone";
}
