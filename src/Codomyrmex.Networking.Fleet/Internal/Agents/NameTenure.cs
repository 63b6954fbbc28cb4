namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>
/// Who has a name, and for how long: the decisions of one activation of its grain. Who has the name keeps it while it renews its lease; another gets it when the lease is over.
/// </summary>
/// <remarks>
/// Every renewal is written down where the state is still the one that was read, so of two activations, which a network in two halves can leave, one alone can prolong anything. A new
/// one takes whoever has the name to have renewed just before it read that. The agent counts its lease from before it asked, this side from after it wrote and a margin longer, both by clocks that
/// only go forward: no two have the name at once.
/// </remarks>
internal sealed class NameTenure
{
    private readonly FleetTiming _timing;
    private readonly TimeProvider _clock;
    private long _until;

    /// <param name="read">What is written down, as it was read just now.</param>
    /// <param name="timing">How long leases hold.</param>
    /// <param name="clock">The clock.</param>
    public NameTenure(AgentDocument read, FleetTiming timing, TimeProvider clock)
    {
        (_timing, _clock) = (timing, clock);
        Written = read;
        Take(read);
    }

    /// <summary>What is certainly written down.</summary>
    public AgentDocument Written { get; private set; }

    /// <summary>Whether whoever has the name may believe in its lease.</summary>
    public bool IsHeld => Written.Holder.Length > 0 && _clock.GetTimestamp() < _until;

    /// <summary>What is to be written for a claim; null where another agent has the name.</summary>
    public AgentDocument? Decide(AgentClaim claim)
    {
        var now = _clock.GetUtcNow();
        // Also where its lease was over: nobody else had the name since.
        if (Written.Holder == claim.Holder)
            return Written with { RenewedAt = now };
        return IsHeld ? null : new AgentDocument
        {
            Number = Written.Number + 1,
            Holder = claim.Holder,
            Machine = claim.Machine,
            Address = claim.Address,
            Pin = claim.Pin,
            Since = now,
            RenewedAt = now,
        };
    }

    /// <summary>Something has been written down.</summary>
    public void Take(AgentDocument written)
    {
        Written = written;
        _until = _clock.GetTimestamp() + _clock.Ticks(_timing.NameLease + _timing.Margin);
    }
}
