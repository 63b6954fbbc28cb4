using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning;

/// <summary>How a <see cref="ServiceIdentifier"/> asks. Immutable.</summary>
public sealed record ServiceIdentifierOptions
{
    /// <summary>The defaults.</summary>
    public static ServiceIdentifierOptions Default { get; } = new();

    /// <summary>
    /// How connections are made; the egress policy is asked about each. Of <see cref="TransportOptions.Tls"/> nothing but the server name is taken: to say whose
    /// certificate it is, <b>every certificate is accepted</b>, TLS 1.0 and weak keys too, and no certificate of ours is shown. Nothing secret is sent over
    /// such a connection.
    /// </summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>Whether servers are asked what they are: their greeting, then questions of their protocols. The default value is true.</summary>
    public bool AskServices { get; init; } = true;

    /// <summary>
    /// Whether TLS is tried where a port may speak it, and the certificate, version and ALPN told. Without it TLS is tried only where the port is one
    /// of TLS. The default value is true.
    /// </summary>
    public bool AskTls { get; init; } = true;

    /// <summary>The wait for a server that may speak first. The default value is 1 second.</summary>
    public TimeSpan GreetingWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait for an answer, and for each connection and handshake. The default value is 3 seconds.</summary>
    public TimeSpan AnswerWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The time for all questions to one port, however slowly it drips. The default value is 10 seconds.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes read of an answer at most; what comes behind is not waited for. The default value is 64 KiB.</summary>
    public int MaxAnswerBytes { get; init; } = 64 * 1024;

    /// <summary>Questions of your own, asked before ours, in order, until one has an answer. The default value is empty.</summary>
    public IReadOnlyList<ServiceProbe> Probes { get; init; } = [];

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        Transport.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(GreetingWait, TimeSpan.Zero, "ServiceIdentifierOptions.GreetingWait");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerWait, TimeSpan.Zero, "ServiceIdentifierOptions.AnswerWait");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Total, TimeSpan.Zero, "ServiceIdentifierOptions.Total");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Total, TimeSpan.FromMinutes(10), "ServiceIdentifierOptions.Total");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAnswerBytes, 1024, "ServiceIdentifierOptions.MaxAnswerBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAnswerBytes, 16 * 1024 * 1024, "ServiceIdentifierOptions.MaxAnswerBytes");
    }
}
