using System.Diagnostics;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>The connecting of a <see cref="UDPClient"/>: resolves, and opens a socket to the first address to which there is a way. Nothing is sent.</summary>
internal sealed class DatagramConnectExchange(Endpoint endpoint, UDPClientOptions options, DatagramGate gate, DatagramTuning tuning)
    : Exchange<(DatagramSocket Socket, DatagramDestination Peer)>
{
    private readonly List<Attempt> _tried = [];

    public override string Name => "UDP connect";

    public override Endpoint Endpoint => endpoint;

    public override TimeProvider Clock => options.Clock;

    public override ILogger? Logger => options.Logger;

    public override RetryOptions Retry => RetryOptions.None;

    public override RetryBudget? Budget => null;

    public static NetworkFailure ResolvedTooLate(Endpoint endpoint, TimeSpan limit) => new()
    {
        Code = ErrorCodes.TimeoutResolve,
        Message = $"Name resolution took longer than allowed ({TCPConnection.Seconds(limit)}, Timeouts.Resolve) for {endpoint}.",
        Phase = NetworkPhase.Resolve,
        Endpoint = endpoint,
    };

    public override PolicyDecision CheckPolicy() => options.Transport.Policy.CheckTarget(null, endpoint.Host, endpoint.Port);

    public override async ValueTask<(DatagramSocket Socket, DatagramDestination Peer)> AttemptAsync(PhaseTimer timer)
    {
        timer.Arm(options.Timeouts.Resolve, ErrorCodes.TimeoutResolve);
        options.Transport.Budget?.DemandTime(endpoint);
        options.Transport.Budget?.SpendConnection(endpoint);
        var destinations = await gate.PassAllAsync(endpoint, timer.Token).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var start = Clock.GetTimestamp();
            var address = destinations[i].EndPoint.ToString();
            try
            {
                var socket = DatagramSocket.Connect(destinations[i], options.Transport.BindAddress, tuning);
                _tried.Add(new Attempt(address, Clock.GetElapsedTime(start), null));
                return (socket, destinations[i]);
            }
            catch (ConnectionException error)
            {
                _tried.Add(new Attempt(address, Clock.GetElapsedTime(start), error.Code));
                if (i + 1 == destinations.Count)
                    throw;
            }
        }
    }

    public override bool CanRepeat(WasSent wasSent) => false;

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        if (error is NetworkException ours)
        {
            ours.Complete(ours.Failure with { Attempts = _tried.Count > 0 ? _tried : ours.Attempts });
            return ours;
        }
        if (error is not OperationCanceledException || !timer.HasFired)
            return null;
        return timer.Armed == ErrorCodes.TimeoutResolve
            ? ResolvedTooLate(endpoint, options.Timeouts.Resolve).ToException(error)
            : (ResolvedTooLate(endpoint, options.Timeouts.Total) with { Code = ErrorCodes.TimeoutTotal, Message = $"The deadline of {TCPConnection.Seconds(options.Timeouts.Total)} for {endpoint} passed." }).ToException(error);
    }

    public override void Describe((DatagramSocket Socket, DatagramDestination Peer) result, ref TagList tags)
    {
        tags.Add("network.transport", "udp");
        if (result.Peer is not { } peer)
            return;
        tags.Add("network.peer.address", peer.EndPoint.Address.ToString());
        tags.Add("network.peer.port", peer.EndPoint.Port);
    }
}
