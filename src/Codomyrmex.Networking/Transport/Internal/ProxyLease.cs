namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A proxy taken from a pool for one attempt, which tells the pool how it did.</summary>
internal sealed class ProxyLease(ProxyPool pool, ProxyPoolMember member, DateTimeOffset takenAt)
{
    public ProxyOptions Proxy => member.Proxy;

    public void Succeeded() => pool.Succeeded(member, takenAt);

    /// <summary>Notes a failure, where it is the proxy's. A lasting one of its is none of the call's as long as there are others.</summary>
    public void Judge(NetworkException error)
    {
        if (!error.Failure.BlamesProxy)
            return;
        pool.Failed(member, takenAt, isLasting: error.Code == ErrorCodes.ProxyAuthentication);
        if (!error.IsTransient && pool.HasUsable())
            error.Complete(error.Failure with { IsTransient = true });
    }
}
