using System.Net;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a <see cref="ScriptedServer"/> listens.</summary>
public sealed record ScriptedServerOptions
{
    /// <summary>The loopback address. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// TLS, spoken before the script begins; null leaves the bytes alone, and a script can still begin TLS with
    /// <see cref="ScriptedConnection.AuthenticateAsync(LoopbackTlsOptions, CancellationToken)"/>. The default value is null.
    /// </summary>
    public LoopbackTlsOptions? Tls { get; init; }

    /// <summary>The clock of <see cref="ScriptedConnection.DripAsync"/>. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
