using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Settings for four kinds of callers: plain option records to begin from (<c>HTTPProfiles.Llm with { BaseUrl = … }</c>). What each changes is what
/// <see cref="Difference"/> prints.
/// </summary>
public static class HTTPProfiles
{
    /// <summary>
    /// Programs that call on behalf of others, at addresses that others name: the public internet only, few redirects, small answers, a minute for all, and an <c>Idempotency-Key</c> with
    /// every POST and PATCH, so that they can be retried.
    /// </summary>
    public static HTTPClientOptions Agents { get; } = new()
    {
        Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(30), Total = TimeSpan.FromSeconds(60) },
        Redirects = RedirectOptions.Default with { Limit = 3 },
        Limits = ResponseLimits.Default with { BufferedBytes = 8 * 1024 * 1024 },
        AutoIdempotencyKeys = true,
        Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly },
    };

    /// <summary>
    /// APIs of services, near and expected to answer: quick to notice that one does not, patient where it asks to wait, and heedful of the codes by which AWS, Azure and Google say that it is busy,
    /// whatever the status.
    /// </summary>
    public static HTTPClientOptions Cloud { get; } = new()
    {
        Timeouts = Timeouts.Default with { Connect = TimeSpan.FromSeconds(5), FirstByte = TimeSpan.FromSeconds(30) },
        Redirects = RedirectOptions.Default with { Limit = 3 },
        Retry = RetryOptions.Default with
        {
            Retries = 4,
            RetryAfterCap = TimeSpan.FromSeconds(60),
            ErrorCodes =
            [
                "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded", "BandwidthLimitExceeded",
                "LimitExceededException", "ProvisionedThroughputExceededException", "TransactionInProgressException", "PriorRequestNotComplete", "EC2ThrottledException", "TooManyRequests",
                "TooManyRequestsException", "RequestTimeout", "RequestTimeoutException", "ServerBusy", "OperationTimedOut", "InternalError", "RESOURCE_EXHAUSTED", "UNAVAILABLE",
            ],
        },
    };

    /// <summary>
    /// APIs of models: minutes until the first byte and for a stream, but no more than one without any of it; an
    /// <c>Idempotency-Key</c> with every POST, so that it can be retried.
    /// </summary>
    public static HTTPClientOptions Llm { get; } = new()
    {
        Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMinutes(5), Idle = TimeSpan.FromSeconds(60), Total = TimeSpan.FromMinutes(30) },
        Redirects = RedirectOptions.None,
        Retry = RetryOptions.Default with { RetryAfterCap = TimeSpan.FromSeconds(60) },
        AutoIdempotencyKeys = true,
    };

    /// <summary>Pages of strangers: the public internet only, bounded in size and time, few connections to one host, one retry.</summary>
    public static HTTPClientOptions Scrape { get; } = new()
    {
        Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(15), Idle = TimeSpan.FromSeconds(10), Total = TimeSpan.FromSeconds(60) },
        Redirects = RedirectOptions.Default with { Limit = 5 },
        Retry = RetryOptions.Default with { Retries = 1 },
        Limits = ResponseLimits.Default with { BufferedBytes = 8 * 1024 * 1024, StreamedBytes = 64 * 1024 * 1024 },
        Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly, Pool = PoolOptions.Default with { MaxConnectionsPerHost = 4 } },
    };

    /// <summary>What settings change, a line each, such as <c>Timeouts.FirstByte: 00:01:00 → 00:05:00</c>. Secrets are masked.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="from">What they are compared with; null for the defaults.</param>
    /// <returns>The lines in the order of their names; empty where nothing differs.</returns>
    public static string Difference(HTTPClientOptions options, HTTPClientOptions? from = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Join('\n', OptionsDifference.Between(from ?? HTTPClientOptions.Default, options));
    }
}
