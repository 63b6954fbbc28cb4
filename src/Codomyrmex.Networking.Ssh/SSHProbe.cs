using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh;

/// <summary>Connects to an SSH server the way <see cref="SSHClient"/> does, reports each layer, and leaves: shows where a connection breaks.</summary>
public static class SSHProbe
{
    /// <summary>Makes one connection and reports it. A failure is part of the report, not an exception.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="username">The user there; a server hears the name.</param>
    /// <param name="options">Its settings; without credentials nothing of the user's is shown, and the report ends with what the server would take.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public static async Task<SSHReport> RunAsync(string host, string username, SSHClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? SSHClientOptions.Default) with { Retry = RetryOptions.None };
        if (options.Credentials.Count == 0)
            options = options with { Credentials = [new NoCredential()] };
        // What a client would refuse is refused here too.
        var client = new SSHClient(host, username, options);
        var startedAt = options.Clock.GetTimestamp();
        var exchange = new SshConnectExchange(new Dialer(options.Transport, options.Clock), client.Endpoint, username, options, new RetryBudget(options.Retry))
        {
            StartedAt = startedAt,
            EndsAt = Deadline.After(options.Timeouts.Total, options.Clock, startedAt).EndOn(options.Clock),
        };
        NetworkException? failure = null;
        try
        {
            var connection = await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            failure = error;
        }
        return new SSHReport
        {
            Endpoint = client.Endpoint,
            Facts = exchange.Negotiated,
            IsHostKeyAccepted = exchange.Authentication is not null,
            IsAuthenticated = failure is null,
            Handshake = exchange.Handshake,
            Authentication = exchange.Authentication,
            Layers = exchange.DialedLayers,
            Failure = failure,
        };
    }
}
