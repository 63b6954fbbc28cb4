using System.Globalization;
using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transfers.Internal;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// A private key from a file, with its certificate where there is one. The engine reads the formats: OpenSSH, PKCS#1 and PKCS#8, PuTTY (versions 2 and 3), plain or encrypted. What a
/// key may be used for, and whether its file is the user's alone, is looked at here.
/// </summary>
internal sealed class KeyFile : IPrivateKeySource, IDisposable
{
    private const int LargestFile = 1024 * 1024;
    private const string CertificateEnding = "-cert.pub";

    private readonly PrivateKeyFile _file;

    private KeyFile(PrivateKeyFile file, bool isSha1Allowed)
    {
        _file = file;
        HostKeyAlgorithms = [.. file.HostKeyAlgorithms.Where(algorithm => isSha1Allowed || KeyTypes.Plain(algorithm.Name) is not (KeyTypes.Rsa or KeyTypes.Dsa))];
    }

    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }

    /// <summary>Loads a credential's key, with the one of its certificates that is the key's.</summary>
    public static KeyFile Load(KeyFileCredential credential, int minimumRsaBits, bool isSha1Allowed)
    {
        var file = Load(credential.Path, credential.Passphrase, credential.CertificatePath, minimumRsaBits, isSha1Allowed);
        var blob = file.HostKeyAlgorithms.Last().Data;
        if (file._file.Certificate is not null || credential.Certificates.FirstOrDefault(path => IsFor(path, blob)) is not { } certificate)
            return file;
        file.Dispose();
        return Load(credential.Path, credential.Passphrase, certificate, minimumRsaBits, isSha1Allowed);
    }

    /// <param name="path">The file; a leading <c>~</c> is the home directory.</param>
    /// <param name="passphrase">What it is encrypted under; null for nothing.</param>
    /// <param name="certificatePath">Its certificate; null for the file beside it with the ending <c>-cert.pub</c>, if there is one.</param>
    /// <param name="minimumRsaBits">What an RSA key must have at least.</param>
    /// <param name="isSha1Allowed">Whether RSA may sign with SHA-1 too.</param>
    /// <exception cref="SSHException">It cannot be used.</exception>
    public static KeyFile Load(string path, string? passphrase, string? certificatePath, int minimumRsaBits, bool isSha1Allowed)
    {
        var full = HomePath.Expand(path);
        var certificate = certificatePath is not null ? HomePath.Expand(certificatePath) : File.Exists(full + CertificateEnding) ? full + CertificateEnding : null;
        var file = Read(path, full, passphrase, certificate);
        if (file.Key is RsaKey && file.Key.KeyLength < minimumRsaBits)
        {
            file.Dispose();
            throw Fail(string.Create(CultureInfo.InvariantCulture, $"The key in {path} is too weak: RSA with {file.Key.KeyLength} bits, where {minimumRsaBits} are the least."),
                "Make a new one: ssh-keygen -t ed25519.");
        }
        return new KeyFile(file, isSha1Allowed);
    }

    public void Dispose() => _file.Dispose();

    private static bool IsFor(string path, byte[] blob)
    {
        try
        {
            return SshPublicKey.ParseText(File.ReadAllText(HomePath.Expand(path))).Plain.Blob.AsSpan().SequenceEqual(blob);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    private static PrivateKeyFile Read(string path, string full, string? passphrase, string? certificate)
    {
        var content = Array.Empty<byte>();
        try
        {
            DemandHalf(path, full);
            DemandPrivate(path, full);
            content = ReadAll(full);
            using var key = new MemoryStream(content);
            using var proof = certificate is null ? null : new MemoryStream(ReadAll(certificate));
            return new PrivateKeyFile(key, passphrase, proof);
        }
        catch (NetworkException)
        {
            throw;
        }
        catch (Exception encrypted) when (encrypted is SshPassPhraseNullOrEmptyException || (passphrase is null && content.AsSpan().IndexOf("BEGIN ENCRYPTED PRIVATE KEY"u8) >= 0))
        {
            throw Fail($"The key in {path} is encrypted, and there is no passphrase for it.", "Give its passphrase (SSHCredential.KeyFile, CODONET_SSH_PASSPHRASE), or put the key into an agent (ssh-add).", encrypted);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Fail($"The key in {path} cannot be read: there is no such file.", $"Check the path; ssh-keygen -t ed25519 -f '{full}' makes a new key.", missing);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            throw Fail($"The key in {path} cannot be read: {absent.Message}", null, absent);
        }
        // A malformed key, or one decrypted by another passphrase, makes the engine stumble in many ways.
        catch (Exception malformed)
        {
            throw passphrase is null
                ? Fail($"The key in {path} is malformed, or of a kind that is not read: {malformed.Message}", $"Check that it is a private key: ssh-keygen -y -f '{full}' shows its public half.", malformed)
                : Fail($"The key in {path} does not open with that passphrase, or is malformed.", $"Check the passphrase: ssh-keygen -y -f '{full}' asks for it.", malformed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Whoever names the public half means the other, and is not to be told to hide it.</summary>
    private static void DemandHalf(string path, string full)
    {
        if (full.EndsWith(".pub", StringComparison.Ordinal) && File.Exists(full))
            throw Fail($"The key in {path} is the public half, which proves nothing.", $"Name the private one: '{full[..^4]}'.");
    }

    /// <summary>As OpenSSH: a key of one's own that others may read is no secret, and is not used.</summary>
    private static void DemandPrivate(string path, string full)
    {
        if (OperatingSystem.IsWindows())
            return;
        var target = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        var mode = File.GetUnixFileMode(target);
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if ((mode & Others) == 0 || FileFacts.Of(target) is { IsOwn: false })
            return;
        throw Fail(string.Create(CultureInfo.InvariantCulture, $"The key in {path} may be read by others (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}), and so is not used."), $"chmod 600 '{target}'");
    }

    private static byte[] ReadAll(string path)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > LargestFile)
            throw new IOException($"'{path}' is larger than any key.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static NetworkException Fail(string message, string? hint, Exception? inner = null) => new NetworkFailure
    {
        Code = ErrorCodes.SshKeyFile,
        Message = message,
        Hint = hint,
        Phase = NetworkPhase.Prepare,
    }.ToException(inner);
}
