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
internal sealed class ScanEngine
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
    private long _noRoomSince;
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
            host.Phase = _settings.LooksForHosts && !host.Address.IsLoopback && (host.CallPorts.Count > 0 || (host.MayEcho && _echo is not null)) ? HostPhase.Looking : HostPhase.Scanning;
            host.WarmUntil = host.Address.IsLoopback ? now : now + 250 * _millisecond;
            if (host.MayEcho && !host.Address.IsLoopback && _echo?.TrySend(host, now) == true)
                _counts.AddSent(isRepeat: false);
            _hosts.Add(host);
        }
        return _hosts.Count > 0;
    }

    private bool SendSome()
    {
        if (_now < _roomAt)
        {
            WakeAt(_roomAt);
            return false;
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
        if (host.Pacer.TryTake(_now, host.Address.IsLoopback ? double.PositiveInfinity : _congestion.Rate))
            return true;
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
            // A slot that the wire can do without does not come back.
            if (slot < _wire.Slots)
                _flights.Return(slot);
            PutBack(host, index, kind, round);
            NoRoom(sentAt);
            return false;
        }
        _noRoomSince = 0;
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
            _noRoomSince = now;
        _roomAt = now + 5 * _millisecond;
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

    private void Answered(HostScan host, int index, FlightKind kind, int round, ProbeAnswer answer, long sentAt, long now)
    {
        if (kind == FlightKind.Canary)
            host.IsCanaryOut = false;
        if (answer == ProbeAnswer.MetItself)
        {
            PutBack(host, index, kind, round);
            return;
        }
        if (answer == ProbeAnswer.NoRoute)
        {
            OutOfReach(host, index, kind, round);
            return;
        }
        var finding = Finding.Of(answer, _order.Protocol);
        if (finding.IsOfHost)
        {
            IsAlive(host, now - sentAt, now);
            _congestion.Answered();
        }
        switch (kind)
        {
            case FlightKind.Canary:
                _counts.AddCanary(answered: true);
                _congestion.Confirmed();
                host.Loss.Answered(0);
                _loss.Answered(0);
                host.SentSinceCanary = 0;
                host.CanaryAt = now + 10 * _millisecond;
                break;
            case FlightKind.Doubt:
                Settle(host, index, finding, answer, now - sentAt);
                break;
            case FlightKind.Port when host.Finish(index):
                if (finding.IsOfHost)
                    Learn(host, round, now);
                if (finding.State == PortState.Open && IsDoubtful(host))
                    host.Doubted.Enqueue((index, 0));
                else
                    Settle(host, index, finding, answer, now - sentAt);
                break;
        }
    }

    /// <summary>The host has shown a sign of life.</summary>
    private void IsAlive(HostScan host, long trip, long now)
    {
        // The first round trip says how long everything under way to this host may take.
        if (host.Trips.Smoothed == 0)
            _flights.NextExpiry = 0;
        host.Trips.Add(trip);
        host.HasAnswered = true;
        host.LastAnswer = now;
        host.CanariesMissed = 0;
        host.IsLost = false;
        if (host.Phase is HostPhase.Looking or HostPhase.Lost)
            host.Phase = HostPhase.Scanning;
    }

    /// <summary>An echo came back.</summary>
    public void EchoCame(HostScan host)
    {
        var now = Now();
        IsAlive(host, now - host.EchoSentAt, now);
    }

    private void Learn(HostScan host, int round, long now)
    {
        host.Loss.Answered(round);
        _loss.Answered(round);
        if (round > 0 && host.IcmpPacer is null)
            _congestion.Lost(now, host.Trips.Smoothed);
    }

    private void OutOfReach(HostScan host, int index, FlightKind kind, int round)
    {
        // No neighbour may answer for a moment; a host that has answered is asked again in the next round, like one that is silent.
        host.IsOutOfReach = true;
        if (kind == FlightKind.Canary)
            Missed(host);
        else if (kind == FlightKind.Doubt)
            PutBackDoubt(host, index, round);
        if (!host.HasAnswered && ++host.Calls >= 2 * WarmProbes && host.Phase == HostPhase.Scanning)
            Finish(host);
    }

    private void Silent(in Flight flight)
    {
        var host = flight.Host;
        switch (flight.Kind)
        {
            case FlightKind.Canary:
                host.IsCanaryOut = false;
                Missed(host);
                break;
            case FlightKind.Doubt:
                PutBackDoubt(host, flight.Index, flight.Round);
                break;
        }
    }

    private void Missed(HostScan host)
    {
        host.CanaryAt = _now;
        host.CanariesMissed++;
        if (host.Phase == HostPhase.Lost)
        {
            host.CallAt = _now + _clockRate / 2;
            if (host.CanariesMissed < CallsUntilGone)
                return;
            // Silent ports are still asked as often as any host's; what they say is marked as doubtful.
            host.IsLost = true;
            host.Phase = HostPhase.Scanning;
            return;
        }
        _counts.AddCanary(answered: false);
        host.Loss.Missed();
        _loss.Missed();
        _congestion.Lost(_now, host.Trips.Smoothed);
        if (host.CanariesMissed < MissesUntilLost)
            return;
        host.Phase = HostPhase.Lost;
        host.CallAt = _now + 200 * _millisecond;
    }

    private void PutBackDoubt(HostScan host, int index, int tries)
    {
        if (tries + 1 < DoubtTries)
            host.Doubted.Enqueue((index, tries + 1));
        else
            Settle(host, index, Finding.OfSilence(_order.Protocol), ProbeAnswer.Pending, 0);
    }

    private bool IsDoubtful(HostScan host) => _settings.Verification switch
    {
        ScanVerification.All => true,
        ScanVerification.Surprising => host.Open > 20 && host.Open * 4 > _order.Count - host.Remaining,
        _ => false,
    };

    private void Settle(HostScan host, int index, Finding finding, ProbeAnswer answer, long trip)
    {
        _counts.Add(finding.State);
        switch (finding.State)
        {
            case PortState.Open:
                host.KeepCanary(index, isOpen: true);
                host.Open++;
                if (host.Samples.Count < 8)
                    host.Samples.Add(_order[index]);
                if (answer == ProbeAnswer.ConnectedThenReset)
                    host.ResetAtOnce++;
                break;
            case PortState.Closed:
                host.KeepCanary(index, isOpen: false);
                host.Closed++;
                break;
            default:
                host.Filtered++;
                break;
        }
        if (finding.State == PortState.Open || _sink.WantsAll)
            _sink.Found(host.Host, _order[index], finding, answer == ProbeAnswer.Pending ? null : _settings.Time(trip));
        else if (finding.State == PortState.Closed)
            _sink.Closed(host.Host, _order[index]);
    }

    private void RetireHosts()
    {
        for (var i = _hosts.Count - 1; i >= 0; i--)
        {
            var host = _hosts[i];
            if (host.Phase != HostPhase.Done && host.InFlight == 0)
                Next(host);
            if (host.Phase != HostPhase.Done || host.InFlight > 0)
                continue;
            _echo?.Forget(host);
            _hosts[i] = _hosts[^1];
            _hosts.RemoveAt(_hosts.Count - 1);
        }
    }

    /// <summary>What a host needs that has nothing under way.</summary>
    private void Next(HostScan host)
    {
        if (host.Phase == HostPhase.Looking)
        {
            if (host.Calls >= host.CallPorts.Count * CallRounds && _echo?.IsWaiting(host, _now, _settings.Trips.Timeout) != true)
                GiveUp(host);
            else
                WakeAt(_now + 5 * _millisecond);
            return;
        }
        if (host.Phase != HostPhase.Scanning || !host.IsRoundSent || host.Doubted.Count > 0)
            return;
        var loss = host.Loss.Tries >= 20 ? host.Loss : _loss;
        var tries = host.IsLost ? _settings.Tries : loss.TriesNeeded(_settings.Tries, _settings.MostTries);
        if (_order.Protocol == PortProtocol.Udp)
            tries = UdpTries(host, tries);
        if (host.Remaining == 0 || host.Round + 1 >= tries)
            Finish(host);
        else
            host.BeginRound();
    }

    /// <summary>
    /// A host that said of some ports that they are closed, and nothing of others, may only send so many messages a second (RFC 1812, section 4.3.2.8): it
    /// is given one more round that is slow enough for it, where that takes no longer than people wait.
    /// </summary>
    private int UdpTries(HostScan host, int tries)
    {
        if (host.IcmpPacer is not null)
            return host.IcmpRound + (host.Remaining <= 4 ? 3 : 2);
        if (host.Closed == 0 || host.Remaining == 0 || host.Remaining > PortsWorthIcmp || host.Address.IsLoopback)
            return Math.Min(tries, _settings.Tries + 1);
        host.LimitIcmp(new Pacer(IcmpPerSecond, _clockRate, tokens: 0));
        return host.Round + 2;
    }

    /// <summary>No sign of life: the ports are not asked.</summary>
    private void GiveUp(HostScan host)
    {
        host.Phase = HostPhase.Done;
        _counts.AddHostDown(host.Remaining);
        _counts.AddHost(isUp: false);
        _sink.HostDone(host, HostEnd.Down);
    }

    private void Finish(HostScan host)
    {
        host.Phase = HostPhase.Done;
        var silence = Finding.OfSilence(_order.Protocol);
        if (host is { IsOutOfReach: true, HasAnswered: false })
            silence = silence with { State = PortState.Filtered, Reason = PortReason.HostUnreachable };
        _counts.AddSilent(silence.State, host.Remaining, host.Round + 1);
        if (_sink.WantsAll && host.Remaining > 0)
        {
            for (var index = 0; index < _order.Count; index++)
            {
                if (!host.IsDone(index))
                    _sink.Found(host.Host, _order[index], silence, null);
            }
        }
        _counts.AddHost(host.HasAnswered);
        if (host.IsLost)
            _sink.Note(ScanNoteKind.HostLost, host.Host.Host, "It stopped to answer while it was scanned; ports found filtered may be open.");
        if (host.Open >= 20 && (host.Open > 1000 || host.Open >= 0.8 * _order.Count))
        {
            _sink.Note(ScanNoteKind.EverythingOpen, host.Host.Host, $"{host.Open} of {_order.Count} ports seem open: something answers in the host's place.");
            _sink.Suspect(host.Host.Host, host.Host.Address, host.Samples);
        }
        if (_order.Protocol == PortProtocol.Udp && host.Closed > 0 && host.Remaining > PortsWorthIcmp)
            _sink.Note(ScanNoteKind.IcmpLimited, host.Host.Host, $"It said of {host.Closed} UDP ports that they are closed, and may limit how often it does: of {host.Remaining} others nothing is known.");
        _sink.HostDone(host, host.HasAnswered ? HostEnd.Answered : HostEnd.Silent);
    }
}
