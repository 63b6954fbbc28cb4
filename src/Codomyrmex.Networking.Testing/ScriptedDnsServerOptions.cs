using System.Net;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a <see cref="ScriptedDnsServer"/> listens.</summary>
public sealed record ScriptedDnsServerOptions
{
    /// <summary>The loopback address. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port, for UDP and TCP alike. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The clock of <see cref="ScriptedDnsAnswer.Delay"/>. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
