namespace Codomyrmex.Networking.Ssh.Internal;

internal sealed class KeyFileCredential(string path, string? passphrase, string? certificatePath) : SSHCredential
{
    public string Path => path;

    public string? Passphrase => passphrase;

    public string? CertificatePath => certificatePath;

    public override string ToString() => $"key file {path}";
}

internal sealed class AgentCredential(string? socketPath) : SSHCredential
{
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
