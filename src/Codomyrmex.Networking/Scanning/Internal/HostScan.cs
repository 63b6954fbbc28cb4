using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>A host that is being scanned: which of its ports are known, and how it answers. Touched by the engine's thread alone.</summary>
internal sealed class HostScan
{
    private const int CanariesKept = 8;

    private readonly ulong[] _done;
    private readonly int[] _canaries = new int[CanariesKept];
    private readonly int _count;
    private readonly int _start;
    private int _canaryCount;
    private int _nextCanary;
    private int _cursor;

    /// <param name="host">The host.</param>
    /// <param name="count">How many ports there are.</param>
    /// <param name="start">The place in their order where this host begins.</param>
    /// <param name="trips">What its waits begin with.</param>
    /// <param name="pacer">The rate that holds for addresses of its kind.</param>
    public HostScan(ScanHost host, int count, int start, RoundTrips trips, Pacer pacer)
    {
        Host = host;
        Address = new ProbeAddress(host.Address);
        Trips = trips;
        Pacer = pacer;
        _count = count;
        _start = start;
        _done = new ulong[(count + 63) / 64];
        Remaining = count;
    }

    public ScanHost Host { get; }

    public ProbeAddress Address { get; }

    public Pacer Pacer { get; }

    /// <summary>The host's own rate, where there is one.</summary>
    public Pacer? OwnPacer { get; init; }

    /// <summary>The rate at which it sends ICMP messages, where it turned out to limit them: asked no faster, every closed port can say so.</summary>
    public Pacer? IcmpPacer { get; private set; }

    /// <summary>The round in which that was.</summary>
    public int IcmpRound { get; private set; }

    /// <summary>The network that it is counted with, where that matters.</summary>
    public NetworkLoad? Network { get; init; }

    public HostPhase Phase { get; set; }

    public RoundTrips Trips;

    public LossEstimate Loss;

    /// <summary>Ports whose state is not known.</summary>
    public int Remaining { get; private set; }

    /// <summary>How often each port that is still silent has been asked, the present round included.</summary>
    public int Round { get; private set; }

    public int InFlight { get; set; }

    /// <summary>Ports that are to be asked again out of turn.</summary>
    public Stack<int> Again { get; } = new();

    /// <summary>Open ports that are to be asked a second time, and how often they have been.</summary>
    public Queue<(int Index, int Tries)> Doubted { get; } = new();

    public int Open { get; set; }

    public int Closed { get; set; }

    public int Filtered { get; set; }

    /// <summary>Whether the host itself has ever answered.</summary>
    public bool HasAnswered { get; set; }

    public long LastAnswer { get; set; }

    /// <summary>Until when no more than a few probes are under way, lest they wait in a queue for the neighbour's address and overflow it.</summary>
    public long WarmUntil { get; set; }

    /// <summary>When a host that fell silent is asked next for a sign of life.</summary>
    public long CallAt { get; set; }

    public int SentSinceCanary { get; set; }

    public long CanaryAt { get; set; }

    public bool IsCanaryOut { get; set; }

    /// <summary>Canaries in a row without an answer, and no answer of any other port since.</summary>
    public int CanariesMissed { get; set; }

    /// <summary>Whether it fell silent for good: what was found of it since is not to be relied on.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether this machine found no way to it.</summary>
    public bool IsOutOfReach { get; set; }

    /// <summary>The ports to look for it at, where it is being looked for.</summary>
    public IReadOnlyList<int> CallPorts { get; init; } = [];

    /// <summary>How many signs of life have been asked for.</summary>
    public int Calls { get; set; }

    /// <summary>Whether an ICMP echo may be sent to it, and has not been.</summary>
    public bool WantsEcho { get; set; }

    public long EchoSentAt { get; set; }

    public int EchoToken { get; set; } = -1;

    /// <summary>A few ports found open, for a closer look.</summary>
    public List<int> Samples { get; } = [];

    public bool HasCanary => _canaryCount > 0;

    /// <summary>Whether every port of this round has been asked.</summary>
    public bool IsRoundSent => _cursor >= _count && Again.Count == 0;

    public bool IsDone(int index) => (_done[index >> 6] & (1UL << index)) != 0;

    /// <summary>Notes that a port needs no more probes; false where that was known.</summary>
    public bool Finish(int index)
    {
        if (IsDone(index))
            return false;
        _done[index >> 6] |= 1UL << index;
        Remaining--;
        return true;
    }

    /// <summary>The next port of this round; -1 where there is none.</summary>
    public int Next()
    {
        while (Again.TryPop(out var again))
        {
            if (!IsDone(again))
                return again;
        }
        while (_cursor < _count)
        {
            var index = _start + _cursor++;
            if (index >= _count)
                index -= _count;
            if (!IsDone(index))
                return index;
        }
        return -1;
    }

    public void LimitIcmp(Pacer pacer) => (IcmpPacer, IcmpRound) = (pacer, Round);

    public void BeginRound()
    {
        Round++;
        _cursor = 0;
    }

    /// <summary>Remembers a port that answers. Open ones are worth more: a firewall may answer for those that are closed.</summary>
    public void KeepCanary(int index, bool isOpen)
    {
        if (isOpen && _canaryCount == CanariesKept && Open < CanariesKept)
            _canaries[Open] = index;
        else if (_canaryCount < CanariesKept)
            _canaries[_canaryCount++] = index;
    }

    public int NextCanary() => _canaries[_nextCanary++ % _canaryCount];
}
