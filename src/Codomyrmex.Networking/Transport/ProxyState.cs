namespace Codomyrmex.Networking.Transport;

/// <summary>Whether a <see cref="ProxyPool"/> uses a proxy.</summary>
public enum ProxyState
{
    /// <summary>It is used.</summary>
    Available,

    /// <summary>It has failed, and is left alone for a while.</summary>
    CoolingDown,

    /// <summary>It failed too often, rejected its credentials, or was retired by the caller; it stays unused until it is restored.</summary>
    Retired,
}
