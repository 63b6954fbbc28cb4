using System.Text.Json;

namespace Codomyrmex.Networking.Http;

/// <summary>How <see cref="HTTPClient.RunToEndAsync"/> waits for an operation that a service goes on with after it has answered. Immutable.</summary>
public sealed record LongRunningOptions
{
    /// <summary>The defaults.</summary>
    public static LongRunningOptions Default { get; } = new();

    /// <summary>
    /// The wait before the first question, where the service does not say (<c>Retry-After</c>); each further one is half as long again. The default value is 1 second.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait, of those that the service asks for too. The default value is 1 minute.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time for the whole operation: when it is up the call fails with <c>timeout.total</c>, and the operation goes on at the service. The request's own <see cref="RequestOptions.Deadline"/>
    /// holds too. The default value is 1 hour.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Told what each answer says. The default value is null.</summary>
    public IProgress<LongRunningProgress>? Progress { get; init; }

    /// <summary>
    /// Whether the address to ask at may be another origin than the request's; it then gets none of the request's secrets. Never one without TLS where the request had it. The default value is false.
    /// </summary>
    public bool AllowOtherOrigins { get; init; }

    /// <summary>Reads the state out of an answer in JSON, for services with a form of their own. The default value is null: <c>status</c>, or <c>properties.provisioningState</c>.</summary>
    public Func<JsonElement, string?>? ReadStatus { get; init; }

    /// <summary>The states that mean that it has succeeded, in any case. The default value is <c>succeeded</c>, <c>completed</c>, <c>done</c> and <c>ready</c>.</summary>
    public IReadOnlyList<string> SucceededStates { get; init; } = ["succeeded", "completed", "done", "ready"];

    /// <summary>The states that mean that it has failed, in any case. The default value is <c>failed</c>, <c>canceled</c>, <c>cancelled</c>, <c>aborted</c> and <c>error</c>.</summary>
    public IReadOnlyList<string> FailedStates { get; init; } = ["failed", "canceled", "cancelled", "aborted", "error"];

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, TimeSpan.FromMilliseconds(1), "LongRunningOptions.Interval");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInterval, Interval, "LongRunningOptions.MaxInterval");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxInterval, TimeSpan.FromDays(1), "LongRunningOptions.MaxInterval");
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.Zero, "LongRunningOptions.Timeout");
        ArgumentNullException.ThrowIfNull(SucceededStates, "LongRunningOptions.SucceededStates");
        ArgumentNullException.ThrowIfNull(FailedStates, "LongRunningOptions.FailedStates");
    }
}
