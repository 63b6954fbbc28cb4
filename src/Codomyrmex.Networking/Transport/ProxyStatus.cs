namespace Codomyrmex.Networking.Transport;

/// <summary>How one proxy of a <see cref="ProxyPool"/> does.</summary>
/// <param name="Proxy">The proxy.</param>
/// <param name="State">Whether it is used.</param>
/// <param name="Uses">How often it has been taken.</param>
/// <param name="Failures">How often it has failed since it last worked.</param>
/// <param name="AvailableIn">How long it still cools down; null where it does not.</param>
public sealed record ProxyStatus(ProxyOptions Proxy, ProxyState State, long Uses, int Failures, TimeSpan? AvailableIn);
