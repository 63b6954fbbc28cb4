using System.Net;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>A network in fake time: what it answers to a probe and after how long is a function of the test's. It notes what it was asked, and answers no echo, noted as port 0.</summary>
internal sealed class SimulatedNetwork(int slots, FakeTimeProvider clock) : IProbeWire, IEchoWire
{
    private readonly PriorityQueue<(int Slot, ProbeAnswer Answer, int Use), long> _coming = new();
    private readonly int[] _uses = new int[slots];

    public int Slots { get; set; } = slots;

    /// <summary>What <see cref="Slots"/> can be again.</summary>
    public int MostSlots { get; set; } = slots;

    public void Regain() => Slots = Math.Max(Slots, MostSlots);

    /// <summary>What comes of a probe, and when; null for silence.</summary>
    public Func<IPAddress, int, (ProbeAnswer Answer, TimeSpan After)?> Answers { get; set; } = static (_, _) => (ProbeAnswer.Refused, TimeSpan.FromMilliseconds(1));

    public List<(IPAddress Address, int Port, TimeSpan At)> Asked { get; } = [];

    public int MostAtOnce { get; private set; }

    private int UnderWay { get; set; }

    private TimeSpan Now => TimeSpan.FromTicks(clock.GetTimestamp() * TimeSpan.TicksPerSecond / clock.TimestampFrequency);

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        if (slot >= Slots)
            return ProbeAnswer.NoRoom;
        Asked.Add((address.Address, port, Now));
        var answer = Answers(address.Address, port);
        if (answer is { After.Ticks: 0 } now)
            return now.Answer;
        _uses[slot]++;
        MostAtOnce = Math.Max(MostAtOnce, ++UnderWay);
        if (answer is { } later)
            _coming.Enqueue((slot, later.Answer, _uses[slot]), (Now + later.After).Ticks);
        return ProbeAnswer.Pending;
    }

    public bool TrySend(int token, ProbeAddress address)
    {
        Asked.Add((address.Address, 0, Now));
        return true;
    }

    public bool TryReceive(out int token)
    {
        token = 0;
        return false;
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait)
    {
        var until = Now + wait;
        while (_coming.TryPeek(out var next, out var at))
        {
            if (at > until.Ticks)
                break;
            if (at > Now.Ticks)
                clock.Advance(TimeSpan.FromTicks(at) - Now);
            _coming.Dequeue();
            if (_uses[next.Slot] != next.Use)
                continue;
            _uses[next.Slot]++;
            UnderWay--;
            replies[0] = new ProbeReply(next.Slot, next.Answer);
            return 1;
        }
        if (until > Now)
            clock.Advance(until - Now);
        return 0;
    }

    public void Abandon(int slot)
    {
        _uses[slot]++;
        UnderWay--;
    }

    public void Dispose()
    {
    }
}
