using System.Globalization;

namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>The errors of what refuses before anything is sent.</summary>
internal static class Refusal
{
    public static RateLimitException NoRoom(in LimitDemand demand, TimeSpan wait, HostLimitOptions options, TimeProvider clock) => new(new NetworkFailure
    {
        Code = ErrorCodes.RateLimited,
        Message = $"The limits of {demand.Host} have no room {(wait > TimeSpan.Zero ? $"for another {Seconds(wait)} s" : "at present")}; " +
            (demand.Deadline.IsFinite && demand.Deadline.Remaining < options.MaxWait ? $"the call has {Seconds(demand.Deadline.Remaining)} s left." : $"{Seconds(options.MaxWait)} s are allowed (HostLimitOptions.MaxWait)."),
        Phase = NetworkPhase.Wait,
        Endpoint = demand.Host,
        RetryAfter = wait,
    })
    { RetryAt = clock.GetUtcNow() + wait };

    public static RateLimitException QueueFull(in LimitDemand demand, HostLimitOptions options) => new(new NetworkFailure
    {
        Code = ErrorCodes.RateQueueFull,
        Message = $"{options.QueueLength} callers wait for {demand.Host} already (HostLimitOptions.QueueLength).",
        Phase = NetworkPhase.Wait,
        Endpoint = demand.Host,
    });

    public static RateLimitException CircuitOpen(Endpoint host, TimeSpan wait, TimeProvider clock) => new(new NetworkFailure
    {
        Code = ErrorCodes.RateCircuitOpen,
        Message = $"{host} failed too often of late: nothing is sent to it for another {Seconds(wait)} s (CircuitBreakerOptions).",
        Phase = NetworkPhase.Wait,
        Endpoint = host,
        RetryAfter = wait,
    })
    { RetryAt = clock.GetUtcNow() + wait };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
