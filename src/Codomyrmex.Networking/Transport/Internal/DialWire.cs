using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Probes by dialling as every client does: through a proxy or over another stream. What it hears of the target is what the proxy says.</summary>
internal sealed class DialWire : IProbeWire
{
    // The scan's own limits end a probe; these are only there lest a proxy holds one for ever.
    private static readonly Timeouts Patient = Timeouts.Default;

    private readonly Dialer _dialer;
    private readonly TimeProvider _clock;
    private readonly CompletedProbes _completed;
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _dials = new();

    public DialWire(TransportOptions options, int slots, TimeProvider clock)
    {
        _dialer = new Dialer(options, clock);
        _clock = clock;
        _completed = new CompletedProbes(slots);
        Slots = slots;
    }

    public int Slots { get; }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        var stop = new CancellationTokenSource();
        _dials[slot] = stop;
        _ = DialAsync(slot, _completed.Begin(slot), new Endpoint(address.Address.ToString(), port), stop);
        return ProbeAnswer.Pending;
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait) => _completed.Receive(replies, wait);

    public void Abandon(int slot)
    {
        _completed.Abandon(slot);
        if (_dials.TryRemove(slot, out var stop))
            stop.Cancel();
    }

    public void Dispose()
    {
        foreach (var stop in _dials.Values)
            stop.Cancel();
    }

    private async Task DialAsync(int slot, int use, Endpoint endpoint, CancellationTokenSource stop)
    {
        // The scan's thread goes on.
        await Task.Yield();
        ProbeAnswer answer;
        try
        {
            var trace = new DialTrace(endpoint, _clock);
            var stream = await _dialer.DialAsync(new DialTarget(endpoint, null, false, []), Patient, trace, stop.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            answer = ProbeAnswer.ProxyConnected;
        }
        catch (NetworkException error)
        {
            answer = Meaning(error);
        }
        catch (OperationCanceledException)
        {
            answer = ProbeAnswer.Pending;
        }
        if (answer != ProbeAnswer.Pending)
            _completed.Complete(slot, use, answer);
        _dials.TryRemove(KeyValuePair.Create(slot, stop));
    }

    private static ProbeAnswer Meaning(NetworkException error) => error switch
    {
        { Code: ErrorCodes.TcpRefused } or { Failure.TargetRefused: true } => ProbeAnswer.ProxyRefused,
        NetworkTimeoutException => ProbeAnswer.Pending,
        { Code: ErrorCodes.LocalDescriptors or ErrorCodes.LocalPorts } => ProbeAnswer.NoRoom,
        _ => ProbeAnswer.ProxyUnreachable,
    };
}
