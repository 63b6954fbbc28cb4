using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh;

/// <summary>What an <see cref="SSHConfiguration"/> says for one host. What it does not say is null or empty. Immutable.</summary>
public sealed record SSHHostSettings
{
    /// <summary>The host as it was asked for.</summary>
    public required string Alias { get; init; }

    /// <summary>The host to connect to: <c>HostName</c>, or the alias.</summary>
    public required string Host { get; init; }

    /// <summary>The port; 22 where nothing else is said.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The user there; that of this process where nothing else is said.</summary>
    public required string User { get; init; }

    /// <summary>Private keys, in the order in which to try them (<c>IdentityFile</c>). Empty where none are named, and for <c>none</c>.</summary>
    public IReadOnlyList<string> IdentityFiles { get; init; } = [];

    /// <summary>Certificates for the keys (<c>CertificateFile</c>).</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>Whether of an agent's keys only those named above are used (<c>IdentitiesOnly</c>).</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>The agent's socket (<c>IdentityAgent</c>): a path, the empty string for <c>none</c>, null for the one of the environment.</summary>
    public string? IdentityAgent { get; init; }

    /// <summary>Hosts to go through, the nearest first, each as <c>[user@]host[:port]</c> (<c>ProxyJump</c>).</summary>
    public IReadOnlyList<string> ProxyJump { get; init; } = [];

    /// <summary>Files of known hosts, the user's first; null for the defaults, empty for <c>none</c>.</summary>
    public IReadOnlyList<string>? KnownHostsFiles { get; init; }

    /// <summary>The name under which the host's key is looked up (<c>HostKeyAlias</c>).</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>
    /// Whether an unknown host is accepted and remembered: <c>StrictHostKeyChecking</c> is <c>accept-new</c>, <c>no</c> or <c>off</c>. What the latter two allow beyond that, a changed key,
    /// no configuration can allow here; <c>ask</c> is no, since nobody is there to be asked.
    /// </summary>
    public bool AcceptNew { get; init; }

    /// <summary>Whether the names of remembered hosts are hashed (<c>HashKnownHosts</c>).</summary>
    public bool HashKnownHosts { get; init; }

    /// <summary>Whether a known host is followed to new keys (<c>UpdateHostKeys</c>); not said, and <c>ask</c>, is no.</summary>
    public bool UpdateHostKeys { get; init; }

    /// <summary>The least bits of RSA keys (<c>RequiredRSASize</c>).</summary>
    public int? RequiredRsaSize { get; init; }

    /// <summary>Host key algorithms as written, with a <c>+</c>, <c>-</c> or <c>^</c> before them where the defaults are added to (<c>HostKeyAlgorithms</c>).</summary>
    public string? HostKeyAlgorithms { get; init; }

    /// <summary>Ciphers as written (<c>Ciphers</c>).</summary>
    public string? Ciphers { get; init; }

    /// <summary>Integrity checks as written (<c>MACs</c>).</summary>
    public string? Macs { get; init; }

    /// <summary>Key exchanges as written (<c>KexAlgorithms</c>).</summary>
    public string? KexAlgorithms { get; init; }

    /// <summary>How long connecting may take (<c>ConnectTimeout</c>).</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>After how much silence the server is asked whether it is there (<c>ServerAliveInterval</c>); zero for never.</summary>
    public TimeSpan? ServerAliveInterval { get; init; }

    /// <summary>After how many such questions without an answer the connection is given up (<c>ServerAliveCountMax</c>).</summary>
    public int? ServerAliveCountMax { get; init; }

    /// <summary>Variables for the remote side, each <c>NAME=value</c> (<c>SetEnv</c>).</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The address family: <c>any</c>, <c>inet</c> or <c>inet6</c> (<c>AddressFamily</c>).</summary>
    public string? AddressFamily { get; init; }

    /// <summary>Names of ways to authenticate, in order (<c>PreferredAuthentications</c>).</summary>
    public IReadOnlyList<string> PreferredAuthentications { get; init; } = [];

    /// <summary>
    /// A client's settings with what the configuration says put in: port, credentials, trust, algorithms, timeout, keep-alive, address family. Its jumps are for the caller to
    /// make. Lists of algorithms order and leave out what <see cref="SSHClientOptions.Algorithms"/> of the settings has; no configuration adds to that.
    /// </summary>
    /// <param name="options">The settings to start from. Credentials in them are tried first.</param>
    /// <exception cref="SSHException">A list of algorithms is malformed, or leaves nothing of the profile (<c>ssh.configuration</c>).</exception>
    public SSHClientOptions ApplyTo(SSHClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var families = AddressFamily switch { "inet" => IPFamilies.IPv4, "inet6" => IPFamilies.IPv6, _ => options.Transport.Resolver.Families };
        return options with
        {
            Port = Port,
            Credentials = [.. options.Credentials, .. Credentials()],
            HostKeys = Trust(options.HostKeys),
            AlgorithmLists = Lists(options),
            MinimumRsaBits = Math.Max(1024, RequiredRsaSize ?? options.MinimumRsaBits),
            Timeouts = ConnectTimeout is { } limit && limit > TimeSpan.Zero ? options.Timeouts with { Connect = limit } : options.Timeouts,
            KeepAlive = KeepAlive(options.KeepAlive),
            Transport = families == options.Transport.Resolver.Families ? options.Transport : options.Transport with { Resolver = options.Transport.Resolver with { Families = families } },
        };
    }

    private SSHAlgorithmLists Lists(SSHClientOptions options)
    {
        var lists = new SSHAlgorithmLists
        {
            KeyExchanges = KexAlgorithms ?? options.AlgorithmLists.KeyExchanges,
            HostKeys = HostKeyAlgorithms ?? options.AlgorithmLists.HostKeys,
            Ciphers = Ciphers ?? options.AlgorithmLists.Ciphers,
            Integrity = Macs ?? options.AlgorithmLists.Integrity,
        };
        try
        {
            lists.Validate(options.Algorithms);
            return lists;
        }
        catch (ArgumentException wrong)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.SshConfiguration,
                Message = $"The configuration for '{Printable.Text(Alias, 80)}' names no algorithms that may be offered: {wrong.Message}",
                Hint = "A configuration chooses among the algorithms of a profile; where the host needs others, choose a wider one (SSHAlgorithms.Compatible; SSHAlgorithms.Legacy, --legacy).",
                Phase = NetworkPhase.Prepare,
            }.ToException(wrong);
        }
    }

    private IEnumerable<SSHCredential> Credentials()
    {
        if (IdentityAgent != "" && (IdentityAgent ?? AgentClient.DefaultPath) is { } agent)
            yield return new AgentCredential(agent) { IsOptional = true, Only = IdentitiesOnly ? IdentityFiles : null };
        foreach (var file in IdentityFiles)
            yield return new KeyFileCredential(file, null, null) { IsOptional = true, Certificates = CertificateFiles };
        if (IdentityFiles.Count > 0)
            yield break;
        foreach (var known in SSHCredential.UserDefaults().OfType<KeyFileCredential>())
            yield return known;
    }

    private HostKeyTrust Trust(HostKeyTrust trust) => trust with
    {
        KnownHostsFiles = KnownHostsFiles ?? trust.KnownHostsFiles,
        AcceptNew = trust.AcceptNew || (AcceptNew && (KnownHostsFiles ?? trust.KnownHostsFiles).Count > 0),
        HashNewHosts = trust.HashNewHosts || HashKnownHosts,
        FollowRotation = trust.FollowRotation || UpdateHostKeys,
        HostKeyAlias = HostKeyAlias ?? trust.HostKeyAlias,
        MinimumRsaBits = Math.Max(1024, RequiredRsaSize ?? trust.MinimumRsaBits),
    };

    private SSHKeepAlive KeepAlive(SSHKeepAlive keepAlive) => ServerAliveInterval switch
    {
        null => keepAlive,
        { } never when never == TimeSpan.Zero => SSHKeepAlive.Off,
        { } interval => new SSHKeepAlive { Interval = interval, Unanswered = Math.Max(1, ServerAliveCountMax ?? 3) },
    };
}
