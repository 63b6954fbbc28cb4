using Codomyrmex.Networking.Ssh.Internal;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// What proves to a server who its user is (RFC 4252). A connection tries its credentials in their order, and goes on with the next where a server wants several. Immutable; never prints
/// a secret.
/// </summary>
public abstract class SSHCredential
{
    private protected SSHCredential()
    {
    }

    /// <summary>The private key in a file: OpenSSH's form, PKCS#1, PKCS#8 or PuTTY's, read when it is needed. A certificate beside it (<c>…-cert.pub</c>) is shown too.</summary>
    /// <param name="path">The file; a leading <c>~</c> is the home directory. Others may not read it (mode 0600).</param>
    /// <param name="passphrase">What it is encrypted under; null for nothing.</param>
    /// <param name="certificatePath">Its OpenSSH certificate; null for the one beside it, if there is one.</param>
    public static SSHCredential KeyFile(string path, string? passphrase = null, string? certificatePath = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new KeyFileCredential(path, passphrase, certificatePath);
    }

    /// <summary>The keys of an SSH agent. They sign there; nothing of the agent is handed to the server.</summary>
    /// <param name="socketPath">Its Unix-domain socket; null for the one that <c>SSH_AUTH_SOCK</c> names.</param>
    public static SSHCredential Agent(string? socketPath = null) => new AgentCredential(socketPath);

    /// <summary>A password. It is sent only when the server's host key has been accepted.</summary>
    /// <param name="password">The password.</param>
    public static SSHCredential Password(string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        return new PasswordCredential(password);
    }

    /// <summary>Answers to what the server asks (RFC 4256): a password, a code, both.</summary>
    /// <param name="answer">Called with each round of questions; gives as many answers, in their order.</param>
    public static SSHCredential Interactive(Func<SSHChallenge, CancellationToken, ValueTask<IReadOnlyList<string>>> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new InteractiveCredential(answer);
    }

    /// <summary>
    /// What <c>ssh</c> tries unasked: the agent, where <c>SSH_AUTH_SOCK</c> names one, and those of <c>~/.ssh/id_ed25519</c>, <c>id_ecdsa</c> and <c>id_rsa</c> that exist. One that cannot be used, such
    /// as a key that is encrypted, is passed over.
    /// </summary>
    public static IReadOnlyList<SSHCredential> UserDefaults()
    {
        var credentials = new List<SSHCredential>();
        if (AgentClient.DefaultPath is not null)
            credentials.Add(new AgentCredential(null) { IsOptional = true });
        credentials.AddRange(((string[])["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]).Where(path => File.Exists(HomePath.Expand(path)))
            .Select(path => new KeyFileCredential(path, null, null) { IsOptional = true }));
        return credentials;
    }
}
