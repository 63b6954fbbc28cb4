using System.Diagnostics;
using System.Net;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>A request with its repetitions. What is repeated is the datagram, not the attempt: a late reply to an early one counts.</summary>
internal sealed class DatagramRequestExchange(UDPClient client, RequestTable table, Endpoint endpoint, DatagramRequest request, IPEndPoint? to, UDPRequestOptions repetition)
    : Exchange<UDPDatagram>
{
    private readonly List<Attempt> _sendings = [];
    private IPEndPoint? _peer;
    private bool _hasLeft;

    public override string Name => "UDP request";

    public override Endpoint Endpoint => endpoint;

    public override TimeProvider Clock => client.Options.Clock;

    public override ILogger? Logger => client.Options.Logger;

    public override RetryOptions Retry => RetryOptions.None;

    public override RetryBudget? Budget => null;

    public override PolicyDecision CheckPolicy() => client.Options.Transport.Policy.CheckTarget(null, endpoint.Host, endpoint.Port);

    public override async ValueTask<UDPDatagram> AttemptAsync(PhaseTimer timer)
    {
        var destination = await client.DestinationAsync(to, timer.Token).ConfigureAwait(false);
        request.To = _peer = destination.EndPoint;
        await table.AddAsync(request, timer.Token).ConfigureAwait(false);
        try
        {
            for (var i = 0; i < repetition.Transmissions; i++)
            {
                if (i > 0)
                    table.CountRetransmission();
                if (await SendAsync(destination, Wait(i), timer.Token).ConfigureAwait(false) is { } reply)
                    return reply;
            }
        }
        finally
        {
            table.Remove(request);
        }
        throw Failure(ErrorCodes.TimeoutFirstByte,
            $"{endpoint} did not answer a request that was sent {(_sendings.Count == 1 ? "once" : $"{_sendings.Count} times")}.").ToException();
    }

    public override bool CanRepeat(WasSent wasSent) => false;

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        if (error is NetworkException ours)
        {
            ours.Complete(ours.Failure with { Attempts = _sendings, WasSent = _hasLeft ? WasSent.Maybe : ours.WasSent });
            return ours;
        }
        return error is OperationCanceledException && timer.HasFired
            ? Failure(ErrorCodes.TimeoutTotal, $"The deadline of {TCPConnection.Seconds(client.Options.Timeouts.Total)} for a reply of {endpoint} passed.").ToException()
            : null;
    }

    public override void Describe(UDPDatagram result, ref TagList tags)
    {
        tags.Add("network.transport", "udp");
        if (_peer is null)
            return;
        tags.Add("network.peer.address", _peer.Address.ToString());
        tags.Add("network.peer.port", _peer.Port);
    }

    /// <summary>Sends it once more and waits for a reply to any of the sendings; null where none comes in time.</summary>
    private async ValueTask<UDPDatagram?> SendAsync(DatagramDestination destination, TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = Clock.GetTimestamp();
        string? code = null;
        try
        {
            try
            {
                await client.SendAsync(request.Data, destination, cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException error) when (error.Code is ErrorCodes.UdpRefused or ErrorCodes.UdpUnreachable)
            {
                // It is told of an earlier datagram, and with that this one stayed. If it is still so, this one will hear of it.
                await client.SendAsync(request.Data, destination, cancellationToken).ConfigureAwait(false);
            }
            _hasLeft = true;
            return await request.Reply.WaitAsync(wait, Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            code = ErrorCodes.TimeoutFirstByte;
            return null;
        }
        catch (NetworkException error)
        {
            code = error.Code;
            throw;
        }
        catch (OperationCanceledException)
        {
            code = ErrorCodes.TimeoutTotal;
            throw;
        }
        finally
        {
            _sendings.Add(new Attempt(destination.EndPoint.ToString(), Clock.GetElapsedTime(start), code));
        }
    }

    private TimeSpan Wait(int sending)
    {
        var wait = Math.Min(repetition.MaxWait.TotalMilliseconds, repetition.FirstWait.TotalMilliseconds * Math.Pow(2, Math.Min(sending, 30)));
        return TimeSpan.FromMilliseconds(wait * (1 + (repetition.Spread * (repetition.Jitter?.Invoke() ?? RandomPart()))));
    }

    private static double RandomPart() => System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << 16) / (double)(1 << 16);

    private NetworkFailure Failure(string code, string message) => new()
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.FirstByte,
        Endpoint = endpoint,
        Attempts = _sendings,
        WasSent = _hasLeft ? WasSent.Maybe : WasSent.Never,
    };
}
