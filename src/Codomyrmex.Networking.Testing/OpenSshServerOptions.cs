namespace Codomyrmex.Networking.Testing;

/// <summary>How an <see cref="OpenSshServer"/> is set up.</summary>
public sealed record OpenSshServerOptions
{
    /// <summary>The port on 127.0.0.1. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Lines of <c>sshd_config</c> before the fixture's own, and so in force instead of them: <c>Ciphers aes128-ctr</c>, <c>ForceCommand internal-sftp</c>. The default value is
    /// empty.
    /// </summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    /// <summary>Types of the host keys that are made, as <c>ssh-keygen -t</c> names them; <c>rsa:1024</c> with a size. The default value is <c>ed25519</c>.</summary>
    public IReadOnlyList<string> HostKeyTypes { get; init; } = ["ed25519"];

    /// <summary>Private host keys to use instead of new ones, so that a server keeps its keys over a restart. The default value is empty.</summary>
    public IReadOnlyList<string> HostKeyFiles { get; init; } = [];

    /// <summary>Lines for <c>authorized_keys</c> besides the one of the key that the fixture makes. The default value is empty.</summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init; } = [];

    /// <summary>The executable. The default value is <c>/usr/sbin/sshd</c>.</summary>
    public string Executable { get; init; } = "/usr/sbin/sshd";
}
