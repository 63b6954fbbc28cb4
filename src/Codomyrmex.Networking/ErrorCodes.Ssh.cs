namespace Codomyrmex.Networking;

public static partial class ErrorCodes
{
    /// <summary>The server's host key is not known.</summary>
    public const string SshHostKeyUnknown = "ssh.host_key_unknown";

    /// <summary>The server's host key differs from the known one.</summary>
    public const string SshHostKeyChanged = "ssh.host_key_changed";

    /// <summary>The server's host key is one that must never be accepted again.</summary>
    public const string SshHostKeyRevoked = "ssh.host_key_revoked";

    /// <summary>The server's host key could not be judged: its certificate is not good, it is weak, or <c>known_hosts</c> cannot be read.</summary>
    public const string SshHostKeyUnverified = "ssh.host_key_unverified";

    /// <summary>A private key cannot be used.</summary>
    public const string SshKeyFile = "ssh.key_file";

    /// <summary>The agent cannot be reached, or does not do what it is asked for.</summary>
    public const string SshAgent = "ssh.agent";

    /// <summary>A file of configuration is wrong, or asks for what is refused.</summary>
    public const string SshConfiguration = "ssh.configuration";

    /// <summary>The server accepted none of the credentials.</summary>
    public const string SshAuthentication = "ssh.authentication";

    /// <summary>The peer broke the SSH protocol, or no algorithm is shared.</summary>
    public const string SshProtocol = "ssh.protocol";

    /// <summary>The SSH connection was lost.</summary>
    public const string SshDisconnected = "ssh.disconnected";

    /// <summary>The server refused a channel or a request on it, or the channel is closed.</summary>
    public const string SshChannel = "ssh.channel";

    /// <summary>A remote command ended with another status than 0, where that counts as failure.</summary>
    public const string SshExitStatus = "ssh.exit_status";

    /// <summary>A remote command wrote more than the limit allows.</summary>
    public const string SshOutputTooLarge = "ssh.output_too_large";

    /// <summary>The remote file does not exist.</summary>
    public const string SftpNoSuchFile = "sftp.no_such_file";

    /// <summary>The server denied access to the remote file.</summary>
    public const string SftpPermission = "sftp.permission";

    /// <summary>The remote file exists, and may not be replaced.</summary>
    public const string SftpExists = "sftp.exists";

    /// <summary>The remote file ended early or the transfer stopped short.</summary>
    public const string SftpTruncated = "sftp.truncated";

    /// <summary>The server supplied a file name that would leave the target folder.</summary>
    public const string SftpUnsafeName = "sftp.unsafe_name";

    /// <summary>The server could not do what was asked of a file.</summary>
    public const string SftpFailure = "sftp.failure";

    /// <summary>The server does not know the operation.</summary>
    public const string SftpUnsupported = "sftp.unsupported";

    /// <summary>The server broke the SFTP protocol.</summary>
    public const string SftpMalformed = "sftp.malformed";

    private static IReadOnlyList<ErrorCodeInfo> Ssh =>
    [
        new(SshHostKeyUnknown, typeof(SSHException), false,
            "The server's host key is not known.",
            "Compare its fingerprint with the operator's, then accept it."),
        new(SshHostKeyChanged, typeof(SSHException), false,
            "The server's host key differs from the known one.",
            "Do not connect until the operator confirms the change."),
        new(SshHostKeyRevoked, typeof(SSHException), false,
            "The server's host key is one that must never be accepted again.",
            "Do not connect; tell the server's operator."),
        new(SshHostKeyUnverified, typeof(SSHException), false,
            "The server's host key could not be judged: its certificate is not good, it is weak, or known_hosts cannot be read.",
            "The message says why; until that is put right, nothing proves who answers."),
        new(SshKeyFile, typeof(SSHException), false,
            "A private key cannot be used: it is missing, malformed, encrypted under another passphrase, or open to others.",
            "The message says which and what to do."),
        new(SshAgent, typeof(SSHException), false,
            "The SSH agent cannot be reached, or does not do what it is asked for.",
            "Check SSH_AUTH_SOCK and what ssh-add -l lists."),
        new(SshConfiguration, typeof(SSHException), false,
            "A file of SSH configuration is wrong, or asks for what is refused.",
            "The message names the file and the line."),
        new(SshAuthentication, typeof(SSHException), false,
            "The server accepted none of the credentials.",
            "Check the user, the key and what the server allows."),
        new(SshProtocol, typeof(SSHException), false,
            "The peer broke the SSH protocol, or no algorithm is shared.",
            "The message names the step."),
        new(SshDisconnected, typeof(SSHException), true,
            "The SSH connection was lost.",
            "Reconnect."),
        new(SshChannel, typeof(SSHException), false,
            "The server refused a channel or a request on it, or the channel is closed.",
            "The message names what was refused; servers limit sessions, forwards, terminals and variables for each user."),
        new(SshExitStatus, typeof(SSHException), false,
            "A remote command ended with another status than 0, where that counts as failure.",
            "The message shows how its standard error ends."),
        new(SshOutputTooLarge, typeof(SSHException), false,
            "A remote command wrote more than the limit allows.",
            "Allow more (SSHCommandOptions.MaxOutputBytes, --max-output), or take it as it comes (SSHClient.StartAsync)."),
        new(SftpNoSuchFile, typeof(SftpException), false,
            "The remote file does not exist.",
            "Check the path."),
        new(SftpPermission, typeof(SftpException), false,
            "The server denied access to the remote file.",
            "Check the permissions of the path and its folder."),
        new(SftpExists, typeof(SftpException), false,
            "The remote file exists, and may not be replaced.",
            "Name another file, or allow overwriting (--overwrite)."),
        new(SftpTruncated, typeof(SftpException), true,
            "The remote file ended early or the transfer stopped short.",
            "Resume the transfer."),
        new(SftpUnsafeName, typeof(SftpException), false,
            "The server supplied a file name that would leave the target folder.",
            "Do not trust that server's listing."),
        new(SftpFailure, typeof(SftpException), false,
            "The server could not do what was asked of a file.",
            "The message has the server's own words, where it gave any."),
        new(SftpUnsupported, typeof(SftpException), false,
            "The server does not know the operation.",
            "It needs an extension that this server lacks."),
        new(SftpMalformed, typeof(SftpException), false,
            "The server broke the SFTP protocol.",
            "Do not trust what was transferred."),
    ];
}
