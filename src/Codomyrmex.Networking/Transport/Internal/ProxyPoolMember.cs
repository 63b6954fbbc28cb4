namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A proxy of a pool and how it does. The pool's lock guards it.</summary>
internal sealed class ProxyPoolMember(ProxyOptions proxy)
{
    public ProxyOptions Proxy => proxy;

    public long Uses { get; set; }

    public int Failures { get; set; }

    public bool IsRetired { get; set; }

    public DateTimeOffset FailedAt { get; set; } = DateTimeOffset.MinValue;

    public DateTimeOffset AvailableAt { get; set; } = DateTimeOffset.MinValue;

    public bool IsUsable(DateTimeOffset now) => !IsRetired && AvailableAt <= now;

    public void Restore() => (Failures, IsRetired, AvailableAt) = (0, false, DateTimeOffset.MinValue);

    public ProxyStatus Status(DateTimeOffset now)
    {
        var state = IsRetired ? ProxyState.Retired : IsUsable(now) ? ProxyState.Available : ProxyState.CoolingDown;
        return new ProxyStatus(proxy, state, Uses, Failures, state == ProxyState.CoolingDown ? AvailableAt - now : null);
    }
}
