using System.Diagnostics;
using System.Net.Security;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>The connecting of a <see cref="TCPClient"/>: dials, and lets the caller greet the peer.</summary>
internal sealed class ConnectExchange(Dialer dialer, Endpoint endpoint, TCPClientOptions options, ConnectionLimits limits, RetryBudget budget) : Exchange<TCPConnection>
{
    private DialTrace? _trace;

    public override string Name => "TCP connect";

    public override Endpoint Endpoint => endpoint;

    public override TimeProvider Clock => options.Clock;

    public override ILogger? Logger => options.Logger;

    public override RetryOptions Retry => options.Retry;

    public override RetryBudget? Budget => budget;

    public override PolicyDecision CheckPolicy() => options.Transport.Policy.CheckTarget(null, endpoint.Host, endpoint.Port);

    public override async ValueTask<TCPConnection> AttemptAsync(PhaseTimer timer)
    {
        var trace = _trace = new DialTrace(endpoint, Clock);
        SslApplicationProtocol[] protocols = [.. options.Protocols.Select(static name => new SslApplicationProtocol(name))];
        var target = new DialTarget(endpoint, null, options.UseTls, protocols);
        var stream = await dialer.DialAsync(target, options.Timeouts, trace, timer.Token).ConfigureAwait(false);
        var connection = new TCPConnection(endpoint, stream, trace.End!, options.Framing, limits, Clock) { Tls = trace.TlsFacts };
        try
        {
            if (options.Connected is { } greet)
                await greet(connection, timer.Token).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Abort();
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A greeting is made to be repeated.
    public override bool CanRepeat(WasSent wasSent) => true;

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        if (error is NetworkException ours)
            return ours;
        if (error is not OperationCanceledException || !timer.HasFired)
            return null;
        var phase = _trace?.Phase ?? NetworkPhase.Prepare;
        return new NetworkFailure
        {
            Code = ErrorCodes.TimeoutTotal,
            Message = $"The deadline of {TCPConnection.Seconds(options.Timeouts.Total)} for a connection to {endpoint} passed.",
            Phase = _trace is { IsDone: true } ? NetworkPhase.Handshake : phase,
            Endpoint = endpoint,
            Attempts = _trace?.Attempts ?? [],
        }.ToException();
    }

    public override void Describe(TCPConnection? result, ref TagList tags)
    {
        tags.Add("network.transport", options.Transport.UnixSocketPath is null ? "tcp" : "unix");
        if (result?.RemoteEndPoint is not System.Net.IPEndPoint remote)
            return;
        tags.Add("network.peer.address", remote.Address.ToString());
        tags.Add("network.peer.port", remote.Port);
    }
}
