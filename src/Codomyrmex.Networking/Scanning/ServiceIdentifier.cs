using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// Asks open ports what listens there, with questions written from the protocols' own specifications. Thread-safe. <see cref="IdentifyAsync"/> is what
/// <see cref="PortScannerOptions.Identify"/> takes.
/// </summary>
/// <remarks>
/// <para>A TCP port is connected to anew for each of: your own probes; the greeting of a server that speaks first; the question of the port's own protocol
/// (HTTP, Redis, MySQL, PostgreSQL, MongoDB, memcached, DNS, MQTT, AMQP, RDP, RTSP, SIP); a request for a page; a TLS handshake, with the same inside it.
/// It ends with the first that recognises the server. SSH is asked for its host key.</para>
/// <para>No question logs in, guesses a secret or changes anything. Every server is a stranger: answers are bounded in bytes and time, and what they say is
/// text of theirs, to be escaped wherever it is shown.</para>
/// </remarks>
public sealed class ServiceIdentifier
{
    private readonly ServiceIdentifierOptions _options;

    /// <summary>Makes an identifier.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public ServiceIdentifier(ServiceIdentifierOptions? options = null)
    {
        _options = options ?? ServiceIdentifierOptions.Default;
        _options.Validate();
    }

    /// <summary>Asks an open TCP port what listens there. A UDP port told already, when it answered: what is known of it is given back.</summary>
    /// <param name="port">The port as the scan found it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>What listens there; null where nothing is known. No failure of the network leaves it.</returns>
    /// <exception cref="PolicyException">The egress policy denies the connection.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<ServiceInfo?> IdentifyAsync(PortResult port, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(port);
        if (port.Protocol != PortProtocol.Tcp || port.State != PortState.Open)
            return port.Service;
        return await new PortInterview(port, _options).RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
