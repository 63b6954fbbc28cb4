using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// The one loop of a scan, whatever the wire: send what may be sent, take what has come, give up what is overdue, see what each host needs next. It runs on a
/// thread of its own, and a probe costs it no allocation.
/// </summary>
/// <remarks>
/// A host is asked in rounds: all its ports once; those that were silent again, as often as the losses seen so far demand. So a host in progress costs
/// one bit a port, and what a probe costs does not depend on how many are silent.
/// </remarks>
internal sealed partial class ScanEngine
{
    private const int MostHosts = 1024;
    private const int Burst = 64;
    private const int AnswersAtOnce = 256;
    private const int WarmProbes = 8;
    private const int DoubtTries = 3;
    private const int MissesUntilLost = 3;
    private const int CallsUntilGone = 8;
    private const int CallRounds = 2;
    private const int PortsWorthCanary = 64;

    // What Linux allows itself (net.ipv4.icmp_ratelimit), a little slower; and how many ports are worth the wait.
    private const double IcmpPerSecond = 0.95;
    private const int PortsWorthIcmp = 120;

    private readonly EngineSettings _settings;
    private readonly PortOrder _order;
    private readonly IProbeWire _wire;
    private readonly IHostFeed _feed;
    private readonly ScanCounts _counts;
    private readonly IScanSink _sink;
    private readonly Flights _flights;
    private readonly Congestion _congestion;
    private readonly EchoCalls? _echo;
    private readonly List<HostScan> _hosts = [];
    private readonly ProbeReply[] _replies = new ProbeReply[AnswersAtOnce];
    private readonly int[] _expired = new int[AnswersAtOnce];
    private readonly long _millisecond;
    private readonly long _clockRate;

    private LossEstimate _loss;
    private bool _isFeedEmpty;
    private int _turn;
    private long _now;
    private long _wakeAt;
    private long _roomAt;
    private long _roomPause;
    private long _noRoomSince;
    private long _regainAt = long.MaxValue;
    private bool _noted;

    public ScanEngine(EngineSettings settings, PortOrder order, IProbeWire wire, IEchoWire? echo, IHostFeed feed, ScanCounts counts, IScanSink sink)
    {
        _settings = settings;
        _order = order;
        _wire = wire;
        _feed = feed;
        _counts = counts;
        _sink = sink;
        _clockRate = settings.Frequency;
        _millisecond = Math.Max(1, _clockRate / 1000);
        var slots = Math.Min(wire.Slots, settings.InFlight);
        _flights = new Flights(slots);
        var isUdp = order.Protocol == PortProtocol.Udp;
        // A host counts the ICMP messages it sends, and that is what tells a closed UDP port: there is no link to blame.
        _congestion = new Congestion(_clockRate, isUdp ? 64 : 512, slots, isUdp ? 1 : 50, mayBlameLink: !isUdp);
        _echo = echo is null ? null : new EchoCalls(echo);
    }

    /// <summary>What the losses seen say about ports that stayed silent.</summary>
    public LossEstimate Loss => _loss;

    /// <summary>Scans every host of the feed.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        while (Admit())
        {
            cancellationToken.ThrowIfCancellationRequested();
            _now = Now();
            _wakeAt = _now + 50 * _millisecond;
            var sent = SendSome();
            Receive(sent);
            Expire();
            RetireHosts();
            _counts.InFlight = _flights.Count;
        }
    }

    private long Now() => _settings.Clock.GetTimestamp();

    /// <summary>Takes hosts in; false where none is left.</summary>
    private bool Admit()
    {
        while (!_isFeedEmpty && _hosts.Count < MostHosts)
        {
            if (_feed.Next() is not { } host)
            {
                _isFeedEmpty = true;
                break;
            }
            var now = Now();
            host.WantsEcho &= _echo is not null;
            host.Phase = _settings.LooksForHosts && !host.Address.IsLoopback && (host.CallPorts.Count > 0 || host.WantsEcho) ? HostPhase.Looking : HostPhase.Scanning;
            host.WarmUntil = host.Address.IsLoopback ? now : now + 250 * _millisecond;
            _hosts.Add(host);
        }
        return _hosts.Count > 0 || !_isFeedEmpty;
    }

    private bool SendSome()
    {
        if (_now < _roomAt)
        {
            WakeAt(_roomAt);
            return false;
        }
        if (_now >= _regainAt)
        {
            _regainAt = long.MaxValue;
            _wire.Regain();
        }
        for (var i = 0; i < Burst; i++)
        {
            if (!SendNext())
                return false;
        }
        return true;
    }

    /// <summary>Sends one probe of whichever host is next and may; false where none may.</summary>
    private bool SendNext()
    {
        for (var i = 0; i < _hosts.Count; i++)
        {
            if (_turn >= _hosts.Count)
                _turn = 0;
            var host = _hosts[_turn++];
            if (MaySend(host) && TrySend(host))
                return true;
            if (_roomAt > _now)
                return false;
        }
        return false;
    }

    private bool MaySend(HostScan host)
    {
        if (host.Phase == HostPhase.Done || host.InFlight >= _settings.InFlightPerHost || host.Network?.InFlight >= _settings.InFlightPerNetwork)
            return false;
        if (_flights.Count >= _congestion.Window && !host.Address.IsLoopback)
            return false;
        if (host.Phase == HostPhase.Scanning && !host.HasAnswered && host.InFlight >= WarmProbes && _now < host.WarmUntil)
        {
            WakeAt(host.WarmUntil);
            return false;
        }
        return true;
    }

    private bool TrySend(HostScan host)
    {
        if (host is { Phase: HostPhase.Looking, WantsEcho: true })
            return TryPace(host) && AskForEcho(host);
        if (!Choose(host, out var index, out var kind, out var round))
            return false;
        if (!TryPace(host))
        {
            PutBack(host, index, kind, round);
            return false;
        }
        return Send(host, index, kind, round);
    }

    /// <summary>What to ask a host next.</summary>
    private bool Choose(HostScan host, out int index, out FlightKind kind, out int round)
    {
        (index, kind, round) = (-1, FlightKind.Port, host.Round);
        switch (host.Phase)
        {
            case HostPhase.Looking:
                if (host.Calls >= host.CallPorts.Count * CallRounds || host.InFlight >= host.CallPorts.Count)
                    return false;
                (index, kind) = (host.CallPorts[host.Calls++ % host.CallPorts.Count], FlightKind.SignOfLife);
                return true;
            case HostPhase.Lost when host.IsCanaryOut:
                return false;
            case HostPhase.Lost when _now < host.CallAt:
                WakeAt(host.CallAt);
                return false;
            case HostPhase.Lost:
                (index, kind) = (host.NextCanary(), FlightKind.Canary);
                return true;
        }
        if (IsCanaryDue(host))
        {
            (index, kind) = (host.NextCanary(), FlightKind.Canary);
            return true;
        }
        if (host.Doubted.TryDequeue(out var doubt))
        {
            (index, kind, round) = (doubt.Index, FlightKind.Doubt, doubt.Tries);
            return true;
        }
        index = host.Next();
        return index >= 0;
    }

    private bool IsCanaryDue(HostScan host)
    {
        if (!host.HasCanary || host.IsCanaryOut || host.IsLost || _order.Count < PortsWorthCanary || _now < host.CanaryAt)
            return false;
        return host.CanariesMissed > 0 || host.SentSinceCanary >= (host.Address.IsLoopback ? 4096 : 128);
    }

    private bool TryPace(HostScan host)
    {
        if (host.OwnPacer?.TryTake(_now) == false || host.IcmpPacer?.TryTake(_now) == false)
        {
            WakeAt(_now + _millisecond);
            return false;
        }
        if (host.Network?.Pacer?.TryTake(_now) != false)
        {
            if (host.Pacer.TryTake(_now, host.Address.IsLoopback ? double.PositiveInfinity : _congestion.Rate))
            {
                if (_settings.Pace?.TryTake() != false)
                    return true;
                host.Pacer.Return();
            }
            host.Network?.Pacer?.Return();
        }
        host.OwnPacer?.Return();
        WakeAt(_now + _millisecond);
        return false;
    }

    private bool Send(HostScan host, int index, FlightKind kind, int round)
    {
        var slot = _flights.Take(_wire.Slots);
        if (slot < 0)
        {
            PutBack(host, index, kind, round);
            return false;
        }
        var sentAt = Now();
        var answer = _wire.Send(slot, host.Address, kind == FlightKind.SignOfLife ? index : _order[index]);
        if (answer == ProbeAnswer.NoRoom)
        {
            _flights.Return(slot);
            PutBack(host, index, kind, round);
            NoRoom(sentAt);
            return false;
        }
        _counts.AddSent(isRepeat: kind == FlightKind.Port && round > 0);
        _congestion.Sent(sentAt);
        host.SentSinceCanary++;
        if (kind == FlightKind.Canary)
            host.IsCanaryOut = true;
        if (answer == ProbeAnswer.Pending)
        {
            _flights.Start(slot, new Flight { Host = host, Index = index, Kind = kind, Round = round, SentAt = sentAt });
            Count(host, 1);
            return true;
        }
        _flights.Return(slot);
        Answered(host, index, kind, round, answer, sentAt, Now());
        return true;
    }

    private bool AskForEcho(HostScan host)
    {
        host.WantsEcho = false;
        if (!_echo!.TrySend(host, _now))
            return false;
        _counts.AddSent(isRepeat: false);
        return true;
    }

    private static void PutBack(HostScan host, int index, FlightKind kind, int round)
    {
        switch (kind)
        {
            case FlightKind.Port:
                host.Again.Push(index);
                break;
            case FlightKind.Doubt:
                host.Doubted.Enqueue((index, round));
                break;
            case FlightKind.SignOfLife:
                host.Calls--;
                break;
        }
    }

    /// <summary>The machine has no descriptor or no port left. That says nothing about the port that was asked, so it is asked later.</summary>
    private void NoRoom(long now)
    {
        if (_noRoomSince == 0)
            (_noRoomSince, _roomPause) = (now, 5 * _millisecond);
        // Those that were sent at one time count once.
        else if (now >= _roomAt)
            _roomPause = Math.Min(2 * _roomPause, 160 * _millisecond);
        _roomAt = Math.Max(_roomAt, now + _roomPause);
        _regainAt = now + _clockRate;
        if (!_noted)
        {
            _noted = true;
            _sink.Note(ScanNoteKind.LocalPorts, null, $"This machine had no descriptor or no local port left for a while; at most {_wire.Slots} probes were under way at a time.");
        }
        if (_flights.Count == 0 && now - _noRoomSince > 5 * _clockRate)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalDescriptors,
                Message = "This process has no file descriptors or no local ports left to scan with.",
                Phase = NetworkPhase.Connect,
            }.ToException();
        }
    }

    private void Receive(bool sent)
    {
        if (_echo?.Receive(this) == true)
            WakeAt(_now + 2 * _millisecond);
        if (_flights.Count == 0 && sent)
            return;
        // Everything that has come is taken before anything is given up: a scan that was held up must not take its own slowness for the network's.
        var wait = sent ? TimeSpan.Zero : _settings.Time(Math.Max(0, Math.Min(_wakeAt, _flights.NextExpiry) - Now()));
        int count;
        do
        {
            count = _wire.Receive(_replies, wait);
            _now = Now();
            for (var i = 0; i < count; i++)
            {
                var slot = _replies[i].Slot;
                var flight = _flights[slot];
                _flights.End(slot);
                Count(flight.Host, -1);
                Answered(flight.Host, flight.Index, flight.Kind, flight.Round, _replies[i].Answer, flight.SentAt, _now);
            }
            wait = TimeSpan.Zero;
        }
        while (count > 0 && !sent);
        _echo?.Receive(this);
    }

    private void Expire()
    {
        int count;
        while ((count = _flights.Expired(_now, _expired, _millisecond)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                var flight = _flights[_expired[i]];
                _wire.Abandon(_expired[i]);
                _flights.End(_expired[i]);
                Count(flight.Host, -1);
                _noRoomSince = 0;
                Silent(flight);
            }
        }
    }

    private static void Count(HostScan host, int change)
    {
        host.InFlight += change;
        host.Network?.InFlight += change;
    }

    private void WakeAt(long time) => _wakeAt = Math.Min(_wakeAt, time);
}
