using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// A key pair made here, to be saved in OpenSSH's form. The private half is not encrypted: it is protected by the rights of its file, as a server's own keys are.
/// Not thread-safe. Disposing it erases the private half.
/// </summary>
public sealed class SSHKeyPair : IDisposable
{
    private readonly SshPublicKey _key;
    private readonly byte[] _privateFile;

    internal SSHKeyPair(SshPublicKey key, string comment, byte[] privateFile)
    {
        (_key, Comment, _privateFile) = (key, comment, privateFile);
    }

    /// <summary>What the key is called.</summary>
    public string Comment { get; }

    /// <summary>The line for <c>authorized_keys</c>: type, key and comment.</summary>
    public string PublicKey => Comment.Length == 0 ? _key.Text : $"{_key.Text} {Comment}";

    /// <summary>As <c>ssh-keygen -l</c> writes it: <c>SHA256:…</c>.</summary>
    public string Fingerprint => _key.Fingerprint;

    /// <summary>Makes a key pair from the system's random source.</summary>
    /// <param name="kind">What kind.</param>
    /// <param name="comment">What to call it; one line.</param>
    /// <exception cref="ArgumentException">The comment has more than one line.</exception>
    public static SSHKeyPair Generate(SSHKeyKind kind = SSHKeyKind.Ed25519, string comment = "")
    {
        ArgumentNullException.ThrowIfNull(comment);
        if (comment.Any(char.IsControl))
            throw new ArgumentException("A key's comment has no control characters.", nameof(comment));
        return KeyMaker.Make(kind, comment);
    }

    /// <summary>
    /// Writes the private half, its owner's alone from the moment the file exists (mode 0600), and the public half beside it under the name with <c>.pub</c>. Neither may
    /// exist.
    /// </summary>
    /// <param name="path">Where to; a leading <c>~</c> is the home directory.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <exception cref="NetworkException">A file exists (<c>local.exists</c>), or cannot be written (<c>local.io</c>).</exception>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = HomePath.Expand(path);
        await KeyPairFile.WriteNewAsync(full, _privateFile, isSecret: true, cancellationToken).ConfigureAwait(false);
        await KeyPairFile.WriteNewAsync(full + ".pub", System.Text.Encoding.UTF8.GetBytes(PublicKey + "\n"), isSecret: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases the private half.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_privateFile);

    /// <summary>The public half's type and fingerprint.</summary>
    public override string ToString() => _key.ToString();
}
