using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>The process's one source of spans and its meter.</summary>
internal static class Instruments
{
    public static readonly ActivitySource Source = new(NetworkTelemetry.ActivitySourceName);
    private static readonly Meter Meter = new(NetworkTelemetry.MeterName);

    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("http.client.request.duration", "s", "Duration of calls, retries included.");
}
