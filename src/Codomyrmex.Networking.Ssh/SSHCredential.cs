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
    /// This credential, for servers with certain host keys alone: no other server is shown anything of it, whatever name it has and however its key came to be trusted. So a password that is passed to the wrong
    /// host, or to one whose key was accepted as new, stays here.
    /// </summary>
    /// <param name="fingerprints">Fingerprints of host keys as <c>ssh-keygen -l</c> writes them (<c>SHA256:…</c>); of a certified key that of the key itself, not of its signer.</param>
    /// <exception cref="ArgumentException">There is none, or one is no fingerprint.</exception>
    public SSHCredential OnlyFor(params IReadOnlyList<string> fingerprints)
    {
        ArgumentNullException.ThrowIfNull(fingerprints);
        if (fingerprints.Count == 0)
            throw new ArgumentException("A credential that is bound to a host key names at least one.", nameof(fingerprints));
        foreach (var fingerprint in fingerprints)
        {
            if (!HostKeyTrust.IsFingerprint(fingerprint))
                throw new ArgumentException($"'{Printable.Text(fingerprint ?? "")}' is no fingerprint of the form SHA256:… (43 characters of base64).", nameof(fingerprints));
        }
        // Bound twice, it is for what both name.
        var (inner, only) = this is BoundCredential bound ? (bound.Inner, fingerprints.Where(bound.IsFor)) : (this, fingerprints);
        return new BoundCredential(inner, [.. only.Select(static fingerprint => fingerprint.TrimEnd('='))]);
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
