namespace Codomyrmex.Networking.Transport;

/// <summary>In which order a <see cref="ProxyPool"/> takes its proxies.</summary>
public enum ProxyRotation
{
    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>Any of those that can be used.</summary>
    Random,
}
