namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>
/// Whether an activation of a grain may give leases. A network that falls in two may leave two activations, each of which believes to be the only one. So one gives leases only for as
/// long as it has lately written to the state that both share (<see cref="FleetTiming.Authority"/>): whoever writes second learns that it is not the one, and a new one waits until every
/// lease of an older one is over. Used by one grain.
/// </summary>
internal sealed class LeaseAuthority(FleetTiming timing, TimeProvider clock)
{
    private long _until;
    private long _silentUntil;
    private bool _isLost;

    /// <summary>Whether leases may be given now.</summary>
    public bool Holds => !_isLost && clock.GetTimestamp() is var now && now >= _silentUntil && now < _until;

    /// <summary>Whether it is time to write again; who has lost writes no more.</summary>
    public bool IsDue => !_isLost && _until - clock.GetTimestamp() < clock.Ticks(timing.Authority - timing.Authority / 4);

    /// <summary>How long leases may be given for.</summary>
    public TimeSpan Left => clock.Span(_until - clock.GetTimestamp());

    /// <summary>How long none may be given yet.</summary>
    public TimeSpan Waits => clock.Span(_silentUntil - clock.GetTimestamp());

    /// <summary>Another activation may have given leases until now.</summary>
    public void WaitForOthers() => _silentUntil = clock.GetTimestamp() + clock.Ticks(timing.Authority + timing.Margin);

    /// <summary>The state was written: when that began, nobody else can have begun.</summary>
    /// <param name="before">The time stamp from before it was written.</param>
    public void Extend(long before) => _until = before + clock.Ticks(timing.Authority);

    /// <summary>Another activation has written since: it is the one. Or what is in memory here is no longer what was written.</summary>
    public void Lose() => _isLost = true;
}
