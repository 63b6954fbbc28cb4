using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>The limiters and breakers of a client and of those derived from it: clients with the same options count together.</summary>
internal sealed class HostGuards(TimeProvider clock)
{
    // By reference, and without keeping them alive: options that are new with every derived client do not pile up.
    private readonly ConditionalWeakTable<HostLimitOptions, HostTable<HostLimiter>> _limiters = [];
    private readonly ConditionalWeakTable<CircuitBreakerOptions, HostTable<CircuitBreaker>> _breakers = [];

    public HostTable<HostLimiter> Limiters(HostLimitOptions options) =>
        _limiters.GetValue(options, options => new HostTable<HostLimiter>(() => new HostLimiter(options, clock)));

    public HostTable<CircuitBreaker> Breakers(CircuitBreakerOptions options) =>
        _breakers.GetValue(options, options => new HostTable<CircuitBreaker>(() => new CircuitBreaker(options, clock)));
}
