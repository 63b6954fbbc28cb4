using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Opens the connections of one client: handshake, then what is to go over each before anything else.</summary>
internal sealed class ConnectionSource(WebSocketUrl url, WebSocketOptions options)
{
    private readonly Dialer _dialer = new(options.Transport, options.Clock);

    public async Task<Connection> OpenAsync(int failures, Func<Connection, WebSocketGap?> gap, CancellationToken cancellationToken)
    {
        var clock = options.Clock;
        var now = clock.GetTimestamp();
        var deadline = Deadline.After(options.Timeouts.Total, clock, now);
        var exchange = new HandshakeExchange
        {
            Url = url,
            Options = options,
            Dialer = _dialer,
            Failures = failures,
            StartedAt = now,
            EndsAt = deadline.EndOn(clock),
        };
        var connection = new Connection(await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false), options);
        if (options.OnConnected is not { } setUp)
            return connection;
        try
        {
            await setUp(new WebSocketSetup(connection, gap(connection)), cancellationToken).AsTask()
                .WaitAsync(deadline.Remaining, clock, cancellationToken).ConfigureAwait(false);
            connection.Receiver.LetGo();
            return connection;
        }
        catch (Exception error)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            // That nothing could be sent was for a reason, and that tells whether it may go better the next time.
            if (error is NetworkException { Code: ErrorCodes.WsClosed } && (await connection.Ended.ConfigureAwait(false)).Failure is { } cause)
                throw WebSocketFailure.Again(cause);
            if (error is not TimeoutException)
                throw;
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTotal,
                Message = $"What every new connection begins with (WebSocketOptions.OnConnected) took longer than {options.Timeouts.Total.TotalSeconds:0.###} s with {url.Endpoint} (Timeouts.Total).",
                Phase = NetworkPhase.Handshake,
                Endpoint = url.Endpoint,
                WasSent = WasSent.Maybe,
            }.ToException(error);
        }
    }
}
