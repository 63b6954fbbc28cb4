namespace Codomyrmex.Networking.Diagnostics;

/// <summary>The names under which telemetry is published; subscribe to them with OpenTelemetry or the BCL's listeners.</summary>
public static class NetworkTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: one span a call.</summary>
    public const string ActivitySourceName = "Codomyrmex.Networking";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "Codomyrmex.Networking";
}
