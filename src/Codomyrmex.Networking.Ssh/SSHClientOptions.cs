using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Ssh;

/// <summary>How an <see cref="SSHClient"/> connects, whom it trusts and what it allows. Immutable.</summary>
public sealed record SSHClientOptions
{
    /// <summary>The defaults: no credentials yet, unknown host keys refused.</summary>
    public static SSHClientOptions Default { get; } = new();

    /// <summary>The server's port. The default value is 22.</summary>
    public int Port { get; init; } = 22;

    /// <summary>
    /// What proves who the user is, tried in this order; a server may want several (RFC 4252, section 5.1). The default value is empty: nothing of the user is shown
    /// to a server unasked. <see cref="SSHCredential.UserDefaults"/> is what <c>ssh</c> would try.
    /// </summary>
    public IReadOnlyList<SSHCredential> Credentials { get; init; } = [];

    /// <summary>By what the server's host key is accepted. The default value is the known hosts of the user and the system; unknown hosts are refused.</summary>
    public HostKeyTrust HostKeys { get; init; } = HostKeyTrust.Default;

    /// <summary>Which algorithms are offered. The default value is <see cref="SSHAlgorithms.Modern"/>.</summary>
    public SSHAlgorithms Algorithms { get; init; } = SSHAlgorithms.Modern;

    /// <summary>Which of these are offered, and in which order. The default value is all of them.</summary>
    public SSHAlgorithmLists AlgorithmLists { get; init; } = SSHAlgorithmLists.Default;

    /// <summary>The bits that an RSA key of the user's must have at least. The default value is 2048.</summary>
    public int MinimumRsaBits { get; init; } = 2048;

    /// <summary>How connections are made: egress policy, names, proxy, socket settings, or over another stream. The policy is asked about the server's name and each of its addresses.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>
    /// How long each step may take. <see cref="Timeouts.FirstByte"/> is the wait for any one answer of the server: its identification, the key exchange, a step of
    /// authentication, a channel. <see cref="Timeouts.Idle"/> is the time in which a transfer must move, <see cref="Timeouts.Total"/> that for connecting with its retries.
    /// </summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>How often and when connecting is tried again. The default value is two retries with growing delays; refused credentials and host keys are never tried again.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>How a server that is gone is noticed. The default value is three probes, 15 seconds apart.</summary>
    public SSHKeepAlive KeepAlive { get; init; } = SSHKeepAlive.Default;

    /// <summary>
    /// Whether a call that finds the connection gone makes a new one. The call that it breaks under fails in any case: nobody knows whether a command ran.
    /// The default value is false.
    /// </summary>
    public bool Reconnect { get; init; }

    /// <summary>
    /// How many commands, shells and subsystems run at a time; more wait for their turn. The default value is 10, as many as an OpenSSH server allows on one
    /// connection unless its <c>MaxSessions</c> says otherwise. An SFTP session of the client's own is one of them.
    /// </summary>
    public int MaxSessions { get; init; } = 10;

    /// <summary>How many bytes the server may send ahead on each channel that is read as a stream: what a slow reader costs in memory. The default value is 2 MiB.</summary>
    public int ReceiveWindow { get; init; } = 2 * 1024 * 1024;

    /// <summary>After how many bytes in one direction new keys are agreed on (RFC 4253, section 9). The default value is 1 GiB.</summary>
    public long RekeyBytes { get; init; } = 1L << 30;

    /// <summary>After how long new keys are agreed on, when something is sent. The default value is one hour.</summary>
    public TimeSpan RekeyAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where calls are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1, "SSHClientOptions.Port");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65535, "SSHClientOptions.Port");
        if (Credentials.Count == 0)
            throw new ArgumentException("SSHClientOptions.Credentials is empty: name a key file, an agent or a password; SSHCredential.UserDefaults() is what ssh would try.", nameof(Credentials));
        if (Credentials.Any(static credential => credential is null))
            throw new ArgumentException("SSHClientOptions.Credentials holds null.", nameof(Credentials));
        ArgumentNullException.ThrowIfNull(HostKeys, "SSHClientOptions.HostKeys");
        HostKeys.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumRsaBits, 1024, "SSHClientOptions.MinimumRsaBits");
        Transport.Validate();
        Timeouts.Validate();
        Retry.Validate();
        KeepAlive.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSessions, 1, "SSHClientOptions.MaxSessions");
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveWindow, 64 * 1024, "SSHClientOptions.ReceiveWindow");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReceiveWindow, 1 << 30, "SSHClientOptions.ReceiveWindow");
        ArgumentOutOfRangeException.ThrowIfLessThan(RekeyBytes, 1L << 20, "SSHClientOptions.RekeyBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(RekeyAfter, TimeSpan.FromSeconds(1), "SSHClientOptions.RekeyAfter");
        if (!Enum.IsDefined(Algorithms))
            throw new ArgumentOutOfRangeException("SSHClientOptions.Algorithms", Algorithms, "There is no such profile.");
        ArgumentNullException.ThrowIfNull(AlgorithmLists, "SSHClientOptions.AlgorithmLists");
        AlgorithmLists.Validate(Algorithms);
    }
}
