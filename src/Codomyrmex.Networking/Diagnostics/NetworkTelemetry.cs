namespace Codomyrmex.Networking.Diagnostics;

/// <summary>The names under which telemetry is published; subscribe to them with OpenTelemetry or the BCL's listeners.</summary>
public static class NetworkTelemetry
{
    /// <summary>
    /// The name of the <see cref="System.Diagnostics.ActivitySource"/>: a span of kind internal for each call, and below it one of kind client for each request that it
    /// sent, redirects and retries included.
    /// </summary>
    public const string ActivitySourceName = "Codomyrmex.Networking";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "Codomyrmex.Networking";

    /// <summary>The <c>error.type</c> of what the caller cancelled. Elsewhere it is a code of <see cref="ErrorCodes"/>, or a status.</summary>
    public const string Cancelled = "cancelled";
}
