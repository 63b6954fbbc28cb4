namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a scan has counted so far. One thread writes; any may read.</summary>
internal sealed class ScanCounts
{
    private long _hostsDone;
    private long _hostsUp;
    private long _hostsDown;
    private long _open;
    private long _closed;
    private long _filtered;
    private long _openOrFiltered;
    private long _skipped;
    private long _sent;
    private long _repeats;
    private long _canaries;
    private long _canariesAnswered;
    private long _silentTries;
    private int _inFlight;
    private HostTally? _tally;
    private bool _isLastRound = true;

    public long HostsDone => Volatile.Read(ref _hostsDone);

    public long HostsUp => Volatile.Read(ref _hostsUp);

    public long HostsDown => Volatile.Read(ref _hostsDown);

    public long Open => Volatile.Read(ref _open);

    public long Closed => Volatile.Read(ref _closed);

    public long Filtered => Volatile.Read(ref _filtered);

    public long OpenOrFiltered => Volatile.Read(ref _openOrFiltered);

    public long Skipped => Volatile.Read(ref _skipped);

    public long PortsDone => Open + Closed + Filtered + OpenOrFiltered + Skipped;

    public long Sent => Volatile.Read(ref _sent);

    public long Repeats => Volatile.Read(ref _repeats);

    public long Canaries => Volatile.Read(ref _canaries);

    /// <summary>The share of canaries that answered; 1 where there was none.</summary>
    public double Recall => Canaries == 0 ? 1 : (double)Volatile.Read(ref _canariesAnswered) / Canaries;

    /// <summary>Tries given to ports that stayed silent, all together.</summary>
    public long SilentTries => Volatile.Read(ref _silentTries);

    /// <summary>Ports that stayed silent.</summary>
    public long Silent { get; private set; }

    public int InFlight
    {
        get => Volatile.Read(ref _inFlight);
        set => Volatile.Write(ref _inFlight, value);
    }

    public void AddSent(bool isRepeat)
    {
        _sent++;
        if (isRepeat)
            _repeats++;
    }

    public void AddCanary(bool answered)
    {
        _canaries++;
        if (answered)
            _canariesAnswered++;
    }

    /// <summary>Of a plan with ports of both protocols each host is seen twice: it counts once.</summary>
    /// <param name="hosts">How many hosts there are.</param>
    public void ExpectTwice(long hosts) => (_tally, _isLastRound) = (new HostTally(hosts), false);

    /// <summary>The second protocol's turn begins.</summary>
    public void BeginLastRound() => _isLastRound = true;

    /// <summary>A host is done: for good, where no other protocol follows.</summary>
    public void AddHost(long host, HostEnd end)
    {
        if (_isLastRound)
            _hostsDone++;
        var (up, down) = _tally?.Add(host, end) ?? (end == HostEnd.Answered ? 1 : 0, end == HostEnd.Down ? 1 : 0);
        _hostsUp += up;
        _hostsDown += down;
    }

    public void AddSkipped(long ports) => Interlocked.Add(ref _skipped, ports);

    public void AddSilent(PortState state, int ports, int tries)
    {
        Add(state, ports);
        Silent += ports;
        _silentTries += (long)ports * tries;
    }

    public void Add(PortState state, int ports = 1)
    {
        switch (state)
        {
            case PortState.Open:
                _open += ports;
                break;
            case PortState.Closed:
                _closed += ports;
                break;
            case PortState.Filtered:
                _filtered += ports;
                break;
            default:
                _openOrFiltered += ports;
                break;
        }
    }
}
