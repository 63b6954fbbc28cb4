using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The echoes that were asked for, and from which host. Touched by the engine's thread alone.</summary>
internal sealed class EchoCalls(IEchoWire wire)
{
    private readonly Dictionary<int, HostScan> _waiting = [];
    private int _next;

    /// <summary>Asks a host for an echo; false where the system does not let it.</summary>
    public bool TrySend(HostScan host, long now)
    {
        _next = (_next + 1) & 0xFFFF;
        if (!wire.TrySend(_next, host.Address))
            return false;
        host.EchoSentAt = now;
        host.EchoToken = _next;
        _waiting[_next] = host;
        return true;
    }

    /// <summary>Whether an echo may still come.</summary>
    public bool IsWaiting(HostScan host, long now, long timeout) => host.EchoSentAt > 0 && now - host.EchoSentAt < timeout;

    /// <summary>Tells the engine of the hosts that have answered; whether others may still.</summary>
    public bool Receive(ScanEngine engine)
    {
        while (_waiting.Count > 0 && wire.TryReceive(out var token))
        {
            if (_waiting.Remove(token, out var host) && host.Phase != HostPhase.Done)
                engine.EchoCame(host);
        }
        return _waiting.Count > 0;
    }

    /// <summary>Forgets a host that is done.</summary>
    public void Forget(HostScan host)
    {
        if (host.EchoToken >= 0)
            _waiting.Remove(host.EchoToken);
    }
}
