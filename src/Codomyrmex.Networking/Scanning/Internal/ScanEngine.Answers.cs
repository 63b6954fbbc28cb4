using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What answers and silence mean for a port, for its host, and for what is asked next.</summary>
internal sealed partial class ScanEngine
{
    private void Answered(HostScan host, int index, FlightKind kind, int round, ProbeAnswer answer, long sentAt, long now)
    {
        if (kind == FlightKind.Canary)
            host.IsCanaryOut = false;
        if (answer is ProbeAnswer.MetItself or ProbeAnswer.NoRoom)
        {
            PutBack(host, index, kind, round);
            if (answer == ProbeAnswer.NoRoom)
                NoRoom(now);
            return;
        }
        _noRoomSince = 0;
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
            if (!host.WantsEcho && host.Calls >= host.CallPorts.Count * CallRounds && _echo?.IsWaiting(host, _now, _settings.Trips.Timeout) != true)
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
        _counts.AddSkipped(host.Remaining);
        _counts.AddHost(host.Host.Index, HostEnd.Down);
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
        var end = host.HasAnswered ? HostEnd.Answered : HostEnd.Silent;
        _counts.AddHost(host.Host.Index, end);
        if (host.IsLost)
            _sink.Note(ScanNoteKind.HostLost, host.Host.Host, "It stopped to answer while it was scanned; ports found filtered may be open.");
        if (host.Open >= 20 && (host.Open > 1000 || host.Open >= 0.8 * _order.Count))
        {
            _sink.Note(ScanNoteKind.EverythingOpen, host.Host.Host, $"{host.Open} of {_order.Count} ports seem open: something answers in the host's place.");
            _sink.Suspect(host.Host.Host, host.Host.Address, host.Samples);
        }
        if (_order.Protocol == PortProtocol.Udp && host.Closed > 0 && host.Remaining > PortsWorthIcmp)
            _sink.Note(ScanNoteKind.IcmpLimited, host.Host.Host, $"It said of {host.Closed} UDP ports that they are closed, and may limit how often it does: of {host.Remaining} others nothing is known.");
        _sink.HostDone(host, end);
    }
}
